/**
 * What needs no files: output, polls, a suspension.
 * @module
 */
import { jco, ours } from "./hosts.js";
import { race } from "./race.js";

/** @import { Row } from '../measure.js' */
/** @import { Ask } from './groups.js' */

const LINE = new Uint8Array(64).fill(97);
const WRITES = 20_000;
const POLLS = 20_000;
/** The peer's poll takes a timer's turn. */
const FEW_POLLS = 50;
const SUSPENSIONS = 5_000;

/** @param {Ask} ask @returns {Promise<Row>} */
export async function stdout(ask) {
  let length = 0;
  const take = (/** @type {Uint8Array} */ bytes) => {
    length += bytes.length;
  };
  /** @param {any} out */
  const writing = (out) => ({
    ops: WRITES,
    pass: () => {
      const before = length;
      for (let i = 0; i < WRITES; i++) out.blockingWriteAndFlush(LINE);
      if (length - before !== WRITES * LINE.length)
        throw new Error("not all of it came out");
    },
  });
  return race(
    {
      raw: writing({ blockingWriteAndFlush: take }),
      ours: writing(ours(undefined, take).stdout),
      jco: ask.jco
        ? writing((await jco(undefined, undefined, take)).stdout)
        : undefined,
    },
    ask.rounds,
  );
}

/** A poll of one pollable that is ready. @param {Ask} ask @returns {Promise<Row>} */
export async function readyPoll(ask) {
  const us = ours();
  const pollable = us.clock.subscribeDuration(0n);
  await pollable.block();
  const them = ask.jco ? await jco(undefined, undefined) : undefined;
  const theirs = them?.clock.subscribeDuration(0n);
  return race(
    {
      ours: {
        ops: POLLS,
        pass: () => {
          for (let i = 0; i < POLLS; i++)
            if (us.poll.poll([pollable])[0] !== 0) throw new Error("not ready");
        },
      },
      jco: them && {
        ops: FEW_POLLS,
        pass: async () => {
          for (let i = 0; i < FEW_POLLS; i++)
            if ((await them.poll.poll([theirs]))[0] !== 0)
              throw new Error("not ready");
        },
      },
    },
    ask.rounds,
  );
}

/** (module (import "h" "w" (func)) (func (export "run") (param i32) loop call $w, until the parameter is 0)) */
const RAW_LOOP = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 2, 0x60, 0, 0, 0x60, 1, 127, 0],
  ...[2, 7, 1, 1, 104, 1, 119, 0, 0, 3, 2, 1, 1, 7, 7, 1, 3, 114, 117, 110],
  ...[0, 1, 10, 18, 1, 16, 0, 3, 64, 16, 0, 32, 0, 65, 1, 107, 34, 0, 13, 0],
  ...[11, 11],
);

/** A call that has to wait, for a promise that is kept at once: JSPI's own price, and what the glue adds. @param {Ask} ask @returns {Promise<Row | undefined>} */
export async function suspension(ask) {
  const { Suspending, promising } = /** @type {any} */ (WebAssembly);
  if (!Suspending || !promising) return undefined;
  const wait = async () => {};
  const { instance } = await WebAssembly.instantiate(RAW_LOOP, {
    h: { w: new Suspending(wait) },
  });
  const raw = promising(instance.exports.run);
  const made = ask.made;
  /** @param {string} candidate */
  const loaded = async (candidate) => {
    const folder = `${made}/suspend/${candidate}`;
    const { instantiate } = await import(`${folder}/suspend.js`);
    const get = async (/** @type {string} */ path) =>
      WebAssembly.compile(await ask.read(`${folder}/${path}`));
    return instantiate(get, { wait: jcosDefault(wait) });
  };
  const us = await loaded("ours");
  const them = ask.jco ? await loaded("jco") : undefined;
  /** @param {(n: number) => Promise<void>} run */
  const waiting = (run) => ({
    ops: SUSPENSIONS,
    pass: () => run(SUSPENSIONS),
  });
  return race(
    {
      raw: waiting(raw),
      ours: waiting(us.run),
      jco: them && waiting(them.run),
    },
    ask.rounds,
  );
}

/** A function of the world's own is `imports.wait` to us and `imports.wait.default` to jco. @param {any} f */
function jcosDefault(f) {
  return Object.assign(f, { default: f });
}
