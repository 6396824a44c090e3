/**
 * As much of `node:test` as the suites use: tests are gathered, and run one after
 * the other by `runTests`.
 * @module
 */
const gathered = [];
let prefix = "";

export function describe(name, body) {
  const before = prefix;
  prefix += `${name} > `;
  body();
  prefix = before;
}

export function test(name, options, body = options) {
  gathered.push({ name: prefix + name, skip: options.skip, body });
}

export const it = test;

export async function runTests() {
  const results = [];
  for (const { name, skip, body } of gathered.splice(0)) {
    if (skip) continue;
    const after = [];
    let error;
    try {
      await body({ after: (act) => after.push(act) });
      for (const act of after) await act();
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.stack : JSON.stringify(thrown);
    }
    results.push({ name, error });
  }
  return results;
}
