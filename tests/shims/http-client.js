/**
 * A guest that makes HTTP requests, as its glue would: the resources of a host in a few
 * functions. Any way of waiting; a host that sleeps answers with no Promise.
 * @module
 */
import assert from "node:assert/strict";

const bytes = (text) => new TextEncoder().encode(text);
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");

/** What a call gave, which of a host that sleeps is no Promise. */
export function settle(value, blocking) {
  if (blocking === "atomics")
    assert.ok(!(value instanceof Promise), "a Promise from a sleeping host");
  return value;
}

/**
 * @param wasi what makes the host
 * @param blocking how it waits
 * @param fetch what it grants
 */
export function client(wasi, blocking, fetch = true) {
  const host = wasi({ stdout: null, stderr: null, blocking, fetch });
  const types = host.imports["wasi:http/types@0.2.12"];
  const { handle } = host.imports["wasi:http/outgoing-handler@0.2.12"];
  const settled = (value) => settle(value, blocking);
  const begin = (path, what) => {
    const { method, headers = [], options, authority } = what;
    const fields = types.Fields.fromList(
      headers.map(([name, value]) => [name, bytes(value)]),
    );
    const request = new types.OutgoingRequest(fields);
    request.setScheme(what.scheme ?? { tag: "HTTP" });
    request.setAuthority(authority);
    request.setPathWithQuery(path);
    if (method) request.setMethod(method);
    const body = method ? request.body() : undefined;
    let settings;
    if (options) {
      settings = new types.RequestOptions();
      for (const [name, ms] of Object.entries(options))
        settings[name](BigInt(ms) * 1000000n);
    }
    return { future: handle(request, settings), body };
  };
  const answer = async (future) => {
    await settled(future.subscribe().block());
    const first = future.get();
    assert.equal(first.tag, "ok");
    assert.equal(future.get().tag, "err");
    if (first.val.tag === "err") throw first.val.val;
    return first.val.val;
  };
  const readAll = async (response) => {
    const body = response.consume();
    assert.throws(() => response.consume());
    const stream = body.stream();
    assert.throws(() => body.stream());
    const chunks = [];
    try {
      for (;;) {
        const chunk = await settled(stream.blockingRead(65536n));
        chunks.push(chunk.slice());
      }
    } catch (error) {
      if (error?.tag !== "closed") {
        error.chunks = chunks;
        throw error;
      }
    }
    stream[DISPOSE]();
    return { text: Buffer.concat(chunks).toString("latin1"), body };
  };
  const write = async (body, parts) => {
    const stream = body.write();
    for (const part of parts)
      for (let at = 0; at < part.length; at += 4096)
        await settled(stream.blockingWriteAndFlush(part.slice(at, at + 4096)));
    stream[DISPOSE]();
  };
  return { host, types, settled, begin, answer, readAll, write };
}
