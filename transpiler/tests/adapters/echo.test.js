/**
 * Random functions through Wasm adapters: what arrives is what was sent, canonical, after exactly the realloc calls that
 * the specification makes. `ADAPTER_SEED` and `ADAPTER_CASES` pick others.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as abi from "./abi.js";
import { adapters, connect, side } from "./harness.js";
import { PRIMITIVES, randomType, randomValue, source } from "./random.js";

/** @typedef {import('./abi.js').Type} Type */
/** @typedef {import('./abi.js').Core} Core */
/** @typedef {import('./harness.js').TestSide} TestSide */
/** @typedef {{ caller: string, callee: string, bits: string[], params: Type[], result: Type | null, seed: number }} Case */

const SEED = Number(process.env.ADAPTER_SEED ?? 1);
const CASES = Number(process.env.ADAPTER_CASES ?? 400);
const BITS = ["caller-leaves", "callee-leaves", "tags", "post-return"];

/** @param {number} seed @returns {Case} */
function randomCase(seed) {
  const r = source(seed);
  const option = () => `${["utf8", "utf16", "latin1"][r(3)]}/${r(4) ? 32 : 64}`;
  const depth = r(4);
  return {
    caller: option(),
    callee: option(),
    bits: BITS.filter(() => r(3) === 0),
    params: Array.from({ length: r(5) }, () => randomType(r, depth, true)),
    result: r(4) ? randomType(r, depth, false) : null,
    seed,
  };
}

/** @param {Case} c */
const request = (c) =>
  [
    c.caller,
    c.callee,
    c.bits.join(",") || ".",
    ...c.params.map(abi.spell),
    "->",
    c.result ? abi.spell(c.result) : "-",
  ].join(" ");

/**
 * A value as it arrives: handles have been mapped.
 * @param {Type} t
 * @param {any} v
 * @returns {any}
 */
function arrived(t, v) {
  if (typeof t === "string") return v;
  const cases = abi.casesOf(t);
  if (cases) {
    const payload = cases[v.c];
    return { c: v.c, v: payload ? arrived(payload, v.v) : null };
  }
  const parts = abi.partsOf(t);
  if (parts) return parts.map((p, i) => arrived(p, v[i]));
  const element = abi.elementOf(t);
  if (element) return v.map((/** @type {any} */ e) => arrived(element, e));
  return t.t === "own" || t.t === "borrow" ? v + 1000 : v;
}

/** The handles of a value, as their transfers. @param {Type} t @param {any} v @param {string} way @returns {any[]} */
function handles(t, v, way) {
  if (typeof t === "string") return [];
  const cases = abi.casesOf(t);
  if (cases) {
    const payload = cases[v.c];
    return payload ? handles(payload, v.v, way) : [];
  }
  const parts = abi.partsOf(t);
  if (parts) return parts.flatMap((p, i) => handles(p, v[i], way));
  const element = abi.elementOf(t);
  if (element)
    return v.flatMap((/** @type {any} */ e) => handles(element, e, way));
  return t.t === "own" || t.t === "borrow" ? [[t.t, t.r, way, v]] : [];
}

/** @param {Type} t @returns {boolean} */
const hasBorrow = (t) => abi.spell(t).includes("borrow");

/** @param {TestSide} s @param {number} n */
const ptr = (s, n) => (s.bits === 32 ? n : BigInt(n));

/**
 * Calls an adapter once with random values and checks everything that can be seen.
 * @param {Case} c
 * @param {import('./harness.js').Module} module
 * @param {number} round
 */
function run(c, module, round) {
  const r = source(c.seed * 1000 + round);
  const wide = r(2) === 1;
  const whims = { wide: () => wide, noise: () => r(3) === 0 };
  const caller = side("caller", c.caller);
  const callee = side("callee", c.callee);
  const args = c.params.map((t) => randomValue(r, t));
  const out = c.result && randomValue(r, c.result);
  const tuple = /** @type {Type} */ ({ t: "tuple", parts: c.params });
  const count = c.params.flatMap((t) => abi.flatten(t, 32)).length;
  const spilled = c.result && abi.flatten(c.result, 32).length > 1;
  /** @type {Core | void} */
  let returned = undefined;
  const posted = /** @type {Core[][]} */ ([]);

  const core = (/** @type {Core[]} */ ...flat) => {
    calling = false;
    const result = answerOf(flat);
    calling = module !== null;
    return result;
  };
  /** @param {Core[]} flat @returns {Core | void} */
  const answerOf = (flat) => {
    seen.flags = [adapter.flags.caller.value, adapter.flags.callee.value];
    seen.calleeLog = [...callee.log];
    callee.clear();
    seen.args =
      count > 16
        ? abi.load(callee, tuple, Number(flat[0]))
        : c.params.map((t) => {
            const n = abi.flatten(t, callee.bits).length;
            return abi.fromFlat(callee, t, flat.splice(0, n));
          });
    if (!c.result) return;
    if (spilled) {
      const at = callee.scratch(
        abi.alignment(c.result, callee.bits),
        abi.size(c.result, callee.bits),
      );
      abi.store(callee, c.result, out, at, whims);
      returned = ptr(callee, at);
    } else [returned] = abi.toFlat(callee, c.result, out, whims);
    callee.clear();
    caller.clear();
    return returned;
  };
  const adapter = connect(module, caller, callee, core, (...flat) => {
    posted.push(flat);
    seen.postFlags = adapter.flags.callee.value;
  });
  /** @type {any} */
  const seen = {};
  // Realloc runs with may_leave off where somebody looks.
  for (const s of [caller, callee])
    s.onRealloc = () => {
      if (c.bits.includes(`${s.name}-leaves`) && calling)
        assert.equal(
          adapter.flags[s.name === "caller" ? "caller" : "callee"].value & 1,
          0,
        );
    };
  let calling = false;

  /** @type {Core[]} */
  let flat;
  if (count > 16) {
    const at = caller.scratch(
      abi.alignment(tuple, caller.bits),
      abi.size(tuple, caller.bits),
    );
    abi.store(caller, tuple, args, at, whims);
    flat = [ptr(caller, at)];
  } else
    flat = c.params.flatMap((t, i) => abi.toFlat(caller, t, args[i], whims));
  let outPtr = 0;
  if (spilled && c.result) {
    outPtr = caller.scratch(
      abi.alignment(c.result, caller.bits),
      abi.size(c.result, caller.bits),
    );
    flat.push(ptr(caller, outPtr));
  }
  callee.clear();
  caller.clear();
  calling = module !== null;
  const answer = guard(adapter, () => adapter.call(...flat));
  calling = false;

  assert.deepEqual(
    seen.args,
    args.map((v, i) => arrived(c.params[i], v)),
  );
  if (module) {
    assert.deepEqual(seen.calleeLog, [
      ...(count > 16
        ? [[0, abi.alignment(tuple, callee.bits), abi.size(tuple, callee.bits)]]
        : []),
      ...c.params.flatMap((t, i) =>
        abi.reallocs(caller, callee, t, args[i], wide),
      ),
    ]);
    assert.deepEqual(
      caller.log,
      c.result ? abi.reallocs(callee, caller, c.result, out, wide) : [],
    );
  }
  if (c.result)
    assert.deepEqual(
      spilled
        ? abi.load(caller, c.result, outPtr)
        : abi.fromFlat(caller, c.result, [/** @type {Core} */ (answer)]),
      arrived(c.result, out),
    );
  assert.deepEqual(
    posted,
    c.bits.includes("post-return") ? [c.result ? [returned] : []] : [],
  );
  const transfers = c.params.flatMap((t, i) =>
    handles(t, args[i], "caller-callee"),
  );
  const borrows = c.params.some(hasBorrow);
  assert.deepEqual(adapter.events, [
    ...(borrows ? ["enter"] : []),
    ...transfers,
    ...(borrows ? ["exit"] : []),
    ...(c.result ? handles(c.result, out, "callee-caller") : []),
  ]);
  const { caller: callerFlags, callee: calleeFlags } = adapter.flags;
  assert.deepEqual([callerFlags.value, calleeFlags.value], [1, 1]);
  assert.deepEqual(seen.flags, [1, 1]);
  if (c.bits.includes("post-return"))
    assert.equal(seen.postFlags, c.bits.includes("callee-leaves") ? 0 : 1);
}

/**
 * Says why, when the adapter trapped.
 * @template T
 * @param {ReturnType<typeof connect>} adapter
 * @param {() => T} f
 */
function guard(adapter, f) {
  try {
    return f();
  } catch (e) {
    if (adapter.trapped.error) throw adapter.trapped.error;
    if (adapter.trapped.why) throw new Error(adapter.trapped.why, { cause: e });
    throw e;
  }
}

/** @param {Case[]} cases @param {number} rounds */
function runAll(cases, rounds) {
  const modules = adapters(cases.map(request));
  assert.equal(modules.length, cases.length);
  cases.forEach((c, i) => {
    for (let round = 0; round < rounds; round++)
      try {
        run(c, modules[i], round);
      } catch (e) {
        throw new Error(`seed ${c.seed} round ${round}: ${request(c)}`, {
          cause: e,
        });
      }
  });
}

test("random functions echo", () => {
  runAll(
    Array.from({ length: CASES }, (_, i) => randomCase(SEED + i)),
    12,
  );
});

/** @param {Type[]} params @param {Type | null} result @param {number} seed @returns {Case} */
const chosen = (params, result, seed) => ({
  ...randomCase(seed),
  params,
  result,
});

test("every primitive, in a list and in a variant with every other", () => {
  const cases = PRIMITIVES.flatMap((p, i) => [
    chosen([p], p, i),
    chosen([{ t: "list", of: p }], { t: "list", of: p }, i),
    ...PRIMITIVES.map((q, j) => {
      const v = /** @type {Type} */ ({ t: "variant", cases: [p, q] });
      return chosen([v, { t: "list", of: v }], v, 20 * i + j);
    }),
  ]);
  runAll(cases, 8);
});

test("flags of every size", () => {
  const cases = Array.from({ length: 32 }, (_, n) => {
    const flags = /** @type {Type} */ ({ t: "flags", n: n + 1 });
    return chosen([flags, { t: "list", of: flags }], flags, n);
  });
  runAll(cases, 8);
});

test("every pair of encodings and widths", () => {
  const options = ["utf8", "utf16", "latin1"].flatMap((e) => [
    `${e}/32`,
    `${e}/64`,
  ]);
  const cases = options.flatMap((caller, i) =>
    options.map((callee, j) => ({
      ...chosen(["string", { t: "list", of: "string" }], "string", 10 * i + j),
      caller,
      callee,
    })),
  );
  runAll(cases, 40);
});
