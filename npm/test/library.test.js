import assert from "node:assert/strict";
import { test } from "node:test";
import { TranspileError } from "../src/errors.js";
import { ModuleFinder } from "../src/frame.js";
import {
  COMPONENT,
  MODULE,
  fakeTranspiler,
  moduleOf,
  section,
  slipwayWith,
} from "./fake.js";

/** @typedef {import('./fake.js').Log} Log */

const newLog = () => /** @type {Log} */ ({ fed: [], freed: 0, made: 0 });

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

/** @type {Array<[number, number]>} */
const TAKES = [
  [0, 8],
  [8, 2],
  [20, 5],
  [90, 10],
];
const FED = TAKES.map(([at, n]) => [at, [...BYTES.subarray(at, at + n)]]);

/** @param {number} total */
const output = (total) => ({
  files: [
    { path: "a.js", text: `// ${total}` },
    { path: "a.core.wasm", range: [10, 20] },
    { path: "b.wasm", bytes: new Uint8Array([7]) },
  ],
  imports: [["x", "func"]],
  exports: [["y", "func"]],
});

/** @param {Uint8Array} bytes @param {number} n */
async function* inChunks(bytes, n) {
  for (let at = 0; at < bytes.length; at += n) yield bytes.slice(at, at + n);
}

/** @param {Uint8Array} bytes @param {number} n */
const streamOf = (bytes, n) =>
  /** @type {ReadableStream<Uint8Array>} */ (
    /** @type {any} */ (ReadableStream).from(inChunks(bytes, n))
  );

/** Every way to give the same bytes. @type {Array<[string, () => any]>} */
const sources = [
  ["a Uint8Array", () => BYTES],
  ["an ArrayBuffer", () => BYTES.slice().buffer],
  [
    "a view into a larger buffer",
    () => new DataView(Uint8Array.from([9, ...BYTES, 9]).buffer, 1, 100),
  ],
  ["a promise of bytes", () => Promise.resolve(BYTES)],
  ["a Blob", () => new Blob([BYTES])],
  ["a Response", () => new Response(BYTES)],
  ["a promise of a Response", () => Promise.resolve(new Response(BYTES))],
  ["a URL", () => new URL("data:application/wasm;base64,")],
  ...[1, 3, 7, 100].map(
    (n) =>
      /** @type {[string, () => any]} */ ([
        `a stream in chunks of ${n}`,
        () => streamOf(BYTES, n),
      ]),
  ),
  ["an async iterable", () => inChunks(BYTES, 9)],
];

for (const [name, source] of sources)
  test(`${name}: the machine is fed what it wants and nothing else`, async () => {
    const log = newLog();
    const { transpile } = slipwayWith(fakeTranspiler(TAKES, output, log), {
      open: async () => new Response(BYTES),
    });
    const { files, imports, exports } = await transpile(source());
    assert.deepEqual(log.fed, FED);
    assert.equal(log.freed, 1);
    assert.equal(files["a.js"], "// 100");
    assert.deepEqual([...files["a.core.wasm"]], [...BYTES.subarray(10, 20)]);
    assert.deepEqual([...files["b.wasm"]], [7]);
    assert.deepEqual(
      { imports, exports },
      { imports: [["x", "func"]], exports: [["y", "func"]] },
    );
  });

test("a core module is a view of the input, not a copy", async () => {
  const { transpile } = slipwayWith(fakeTranspiler(TAKES, output, newLog()));
  const { files } = await transpile(BYTES);
  assert.equal(
    /** @type {Uint8Array} */ (files["a.core.wasm"]).buffer,
    BYTES.buffer,
  );
});

test("fewer bytes than wanted are fed at the end only", async () => {
  for (const source of [
    BYTES.subarray(0, 95),
    streamOf(BYTES.subarray(0, 95), 4),
  ]) {
    const log = newLog();
    await slipwayWith(fakeTranspiler(TAKES, output, log)).transpile(source);
    assert.deepEqual(log.fed.at(-1), [90, [90, 91, 92, 93, 94]]);
  }
});

test("input that ends in what is skipped is not fed", async () => {
  const log = newLog();
  await slipwayWith(fakeTranspiler(TAKES, output, log)).transpile(
    BYTES.subarray(0, 50),
  );
  assert.equal(log.fed.length, 3);
});

test("what is no source is refused by name", async () => {
  const { transpile } = slipwayWith(fakeTranspiler(TAKES, output, newLog()));
  for (const [source, message] of /** @type {Array<[any, RegExp]>} */ ([
    ["greet.wasm", /a string.*new URL/],
    [null, /null/],
    [7, /a number/],
    [{}, /an? object/],
  ]))
    await assert.rejects(
      transpile(source),
      (error) => error instanceof TypeError && message.test(error.message),
    );
});

test("a response that is not ok is an error with its status", async () => {
  const { transpile } = slipwayWith(fakeTranspiler(TAKES, output, newLog()));
  await assert.rejects(
    transpile(new Response("x", { status: 404, statusText: "Not Found" })),
    /404 Not Found/,
  );
});

test("the transpiler's error becomes a TranspileError, and the machine is freed", async () => {
  const log = newLog();
  const failing = fakeTranspiler(
    TAKES,
    () => {
      throw {
        code: "truncated",
        message: "too short",
        offset: 100,
        path: ["component 1"],
      };
    },
    log,
  );
  const { transpile, counts } = slipwayWith(failing);
  await assert.rejects(transpile(BYTES), (error) => {
    assert(error instanceof TranspileError);
    assert.equal(error.name, "TranspileError");
    assert.deepEqual(
      [error.code, error.message, error.offset, error.path],
      ["truncated", "too short", 100, ["component 1"]],
    );
    return true;
  });
  assert.equal(log.freed, 1);
  await assert.rejects(
    transpile(BYTES, /** @type {any} */ ({ unknown: true })),
    { code: "bad-options" },
  );
  assert.equal(counts.instances, 1);
});

test("an instance whose memory has grown large is left for a new one of the same Wasm", async () => {
  const Transpiler = fakeTranspiler(TAKES, output, newLog());
  const small = slipwayWith(Transpiler, {}, 512);
  await small.transpile(BYTES);
  await small.transpile(BYTES);
  assert.deepEqual(small.counts, { loads: 1, instances: 1 });
  const large = slipwayWith(Transpiler, {}, 513);
  await large.transpile(BYTES);
  await large.transpile(BYTES);
  assert.deepEqual(large.counts, { loads: 1, instances: 2 });
});

test("after a panic the next call has a new instance of the same Wasm", async () => {
  let panics = true;
  const { transpile, counts } = slipwayWith(
    fakeTranspiler(
      TAKES,
      (total) => {
        if (panics) throw new WebAssembly.RuntimeError("unreachable");
        return output(total);
      },
      newLog(),
    ),
  );
  await assert.rejects(transpile(BYTES), {
    name: "TranspileError",
    code: "internal",
  });
  panics = false;
  assert.equal((await transpile(BYTES)).files["a.js"], "// 100");
  assert.deepEqual(counts, { loads: 1, instances: 2 });
});

test("the Wasm is loaded on first use, and once", async () => {
  const { transpile, counts } = slipwayWith(
    fakeTranspiler(TAKES, output, newLog()),
  );
  assert.equal(counts.loads, 0);
  await Promise.all([transpile(BYTES), transpile(BYTES), transpile(BYTES)]);
  assert.deepEqual(counts, { loads: 1, instances: 1 });
});

test("a load that failed is tried again", async () => {
  let fails = true;
  const Transpiler = fakeTranspiler(TAKES, output, newLog());
  const { transpile } = slipwayWith(Transpiler, {
    async loadTranspiler() {
      if (fails) throw new Error("offline");
      return async () => ({
        Transpiler: /** @type {any} */ (Transpiler),
        memory: new WebAssembly.Memory({ initial: 1 }),
        addSecondary: async () => {},
      });
    },
  });
  await assert.rejects(transpile(BYTES), /offline/);
  fails = false;
  await transpile(BYTES);
});

test("the secondary module is loaded where it is needed, and once", async () => {
  const { transpile, secondary } = slipwayWith(
    fakeTranspiler(TAKES, output, newLog()),
  );
  await transpile(BYTES, { typescript: false });
  assert.deepEqual(secondary, { loads: 0, added: 0 });
  // Declarations are what is known to need it; it comes along, and whoever needs it puts it in.
  await transpile(BYTES);
  assert.deepEqual(secondary, { loads: 1, added: 0 });
  const options = /** @type {const} */ ({
    typescript: false,
    adapters: "wasm",
  });
  await Promise.all([transpile(BYTES, options), transpile(BYTES, options)]);
  assert.deepEqual(secondary, { loads: 1, added: 1 });
});

test("a load of the secondary module that failed is told once it is needed, and tried again", async () => {
  let fails = true;
  const { transpile, secondary } = slipwayWith(
    fakeTranspiler(TAKES, output, newLog()),
    {
      async loadSecondary() {
        if (fails) throw new Error("offline");
        return new WebAssembly.Module(Uint8Array.from(MODULE));
      },
    },
  );
  await transpile(BYTES);
  await assert.rejects(transpile(BYTES, { adapters: "wasm" }), /offline/);
  fails = false;
  await transpile(BYTES, { adapters: "wasm" });
  assert.equal(secondary.added, 1);
});

test("core modules are found as soon as they begin, also in nested components", () => {
  const [small, large] = [moduleOf(10), moduleOf(300)];
  const nested = [...COMPONENT, ...section(1, small)];
  const bytes = Uint8Array.from([
    ...COMPONENT,
    ...section(0, [1, 97, 1, 2, 3]),
    ...section(1, large),
    ...section(4, nested),
    ...section(7, [0]),
    ...section(1, small),
  ]);
  const ranges = new ModuleFinder().find(bytes);
  assert.deepEqual(
    ranges.map(({ start, end }) => [...bytes.subarray(start, end)]),
    [large, small, small],
  );
  // Byte by byte it is the same, and each is told once its header is there.
  const finder = new ModuleFinder();
  /** @type {Array<[number, number]>} */
  const told = [];
  for (let n = 0; n <= bytes.length; n++)
    for (const { start } of finder.find(bytes.subarray(0, n)))
      told.push([start, n]);
  assert.deepEqual(
    told,
    ranges.map(({ start }) => [start, start]),
  );
});

test("noise makes the search end, not fail", () => {
  const noise = Uint8Array.from(
    { length: 10_000 },
    (_, i) => (i * 2654435761) >>> 13,
  );
  new ModuleFinder().find(noise);
  new ModuleFinder().find(new Uint8Array(100).fill(255));
});

const GLUE = `export async function instantiate(getCoreModule, imports, instantiateCore = WebAssembly.instantiate) {
  const module = await getCoreModule("c.core.wasm");
  const instance = await instantiateCore(module, {});
  return { module, instance, imports };
}`;

/** A component with one core module. @param {number} size */
function withModule(size) {
  const core = moduleOf(size);
  const bytes = Uint8Array.from([
    ...COMPONENT,
    ...section(1, core),
    ...section(0, [1, 97]),
  ]);
  const start = bytes.length - 4 - core.length + 1;
  return { bytes, range: [start - 1, start - 1 + core.length] };
}

/** @param {number[]} range @param {Log} log */
const machineFor = (range, log) =>
  fakeTranspiler(
    [[0, 8]],
    function () {
      return {
        files: [
          { path: "c.js", text: GLUE },
          { path: "c.core.wasm", range },
        ],
        imports: [],
        exports: [],
        world: '{"types":[],"resources":[],"imports":[],"exports":[]}',
      };
    },
    log,
  );

for (const size of [100, 200_000])
  for (const chunk of [0, 1000])
    test(`compile: a module of ${size} bytes, ${chunk ? "from a stream" : "from bytes"}`, async () => {
      const { bytes, range } = withModule(size);
      const { compile } = slipwayWith(machineFor(range, newLog()));
      const component = await compile(chunk ? streamOf(bytes, chunk) : bytes);
      const first = await component.instantiate({ a: 1 });
      assert(first.instance instanceof WebAssembly.Instance);
      assert.deepEqual(first.imports, { a: 1 });
      const second = await component.instantiate(
        {},
        { instantiateCore: async () => /** @type {any} */ ("mine") },
      );
      assert.equal(second.module, first.module);
      assert.equal(second.instance, "mine");
      assert.match(component.wit, /world root/);
    });

test("compile: a large module compiles while its bytes arrive", async () => {
  const { bytes, range } = withModule(200_000);
  let started = false;
  const original = WebAssembly.compileStreaming;
  WebAssembly.compileStreaming = (source) => {
    started = true;
    return original(source);
  };
  async function* chunks() {
    yield bytes.subarray(0, 1000);
    await new Promise((resolve) => setTimeout(resolve));
    assert(started, "compilation has begun after the first chunk");
    yield bytes.subarray(1000);
  }
  try {
    await slipwayWith(machineFor(range, newLog())).compile(chunks());
  } finally {
    WebAssembly.compileStreaming = original;
  }
});

test("compile: a module that came in one piece compiles while what follows it arrives", async () => {
  const { bytes, range } = withModule(200_000);
  let started = 0;
  const original = WebAssembly.compileStreaming;
  WebAssembly.compileStreaming = (source) => {
    started++;
    return original(source);
  };
  async function* chunks() {
    yield bytes.subarray(0, bytes.length - 1);
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(started, 1);
    yield bytes.subarray(bytes.length - 1);
  }
  try {
    await slipwayWith(machineFor(range, newLog())).compile(chunks());
    await slipwayWith(machineFor(range, newLog())).compile(bytes);
    assert.equal(started, 1, "bytes that are all there need no stream");
  } finally {
    WebAssembly.compileStreaming = original;
  }
});

test("compile: an input that breaks off rejects with the input's error", async () => {
  const { bytes, range } = withModule(200_000);
  async function* chunks() {
    yield bytes.subarray(0, 1000);
    throw new Error("connection lost");
  }
  await assert.rejects(
    slipwayWith(machineFor(range, newLog())).compile(chunks()),
    /connection lost/,
  );
});

test("compile: a core module that the engine refuses rejects", async () => {
  const { bytes, range } = withModule(200_000);
  bytes[range[0]] = 1;
  for (const source of [bytes, streamOf(bytes, 1000)])
    await assert.rejects(
      slipwayWith(machineFor(range, newLog())).compile(source),
      WebAssembly.CompileError,
    );
});
