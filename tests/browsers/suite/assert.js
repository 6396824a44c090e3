/**
 * As much of `node:assert/strict` as the suites use.
 * @module
 */
const show = (value) =>
  JSON.stringify(value, (_, v) =>
    typeof v === "bigint"
      ? `${v}n`
      : v instanceof Uint8Array && v.length > 100
        ? `bytes(${v.length})`
        : v,
  );

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const [x, y] = [Object.keys(a), Object.keys(b)];
  return x.length === y.length && x.every((key) => same(a[key], b[key]));
}

/** Whether what was thrown is what the test expects. */
function fits(error, expected) {
  // A string is what to say when it does not.
  if (expected === undefined || typeof expected === "string") return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === "function")
    return expected.prototype && error instanceof expected
      ? true
      : !expected.prototype && expected(error) === true;
  return Object.entries(expected).every(([key, value]) =>
    value instanceof RegExp ? value.test(error[key]) : same(error[key], value),
  );
}

const told = (error) =>
  error instanceof Error ? `${error}\n${error.stack}` : show(error);

function ok(value, message) {
  if (!value) throw new Error(message ?? "not ok");
}

export default {
  ok,
  equal: (a, b, message) =>
    ok(Object.is(a, b), message ?? `${show(a)} is not ${show(b)}`),
  notEqual: (a, b) => ok(!Object.is(a, b), `both ${show(a)}`),
  deepEqual: (a, b, message) =>
    ok(same(a, b), message ?? `${show(a)} is not ${show(b)}`),
  deepStrictEqual: (a, b, message) =>
    ok(same(a, b), message ?? `${show(a)} is not ${show(b)}`),
  doesNotMatch: (text, pattern) =>
    ok(!pattern.test(text), `${text} has ${pattern}`),
  notDeepEqual: (a, b) => ok(!same(a, b), `both ${show(a)}`),
  match: (text, pattern) => ok(pattern.test(text), `${text} has no ${pattern}`),
  throws(act, expected) {
    try {
      act();
    } catch (error) {
      return ok(fits(error, expected), `threw ${told(error)}`);
    }
    throw new Error("did not throw");
  },
  async rejects(act, expected) {
    try {
      await (typeof act === "function" ? act() : act);
    } catch (error) {
      return ok(fits(error, expected), `rejected ${told(error)}`);
    }
    throw new Error("did not reject");
  },
};
