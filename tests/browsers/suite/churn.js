/**
 * Random steps on a volume without an end, with commits in between: the same seed gives the same steps and commits, whatever
 * volume they are done on.
 * @module
 */
import { seeded } from "../../shims/fake-disk.js";
import { randomStep } from "../../shims/fs-steps.js";
import { rootOf } from "../../shims/fs.suite.js";

/**
 * @param {number} seed
 * @param {any} volume
 * @param {(commits: number) => boolean | Promise<boolean>} commit told how many it makes with this one; whether to stop there
 */
export async function churn(seed, volume, commit) {
  const random = seeded(seed);
  const sides = [rootOf(volume)];
  /** @type {any[][]} */
  const open = [[]];
  let commits = 0;
  do {
    do {
      randomStep(random, sides, open);
    } while (random.next() >= 0.08);
  } while (!(await commit(++commits)));
  const dispose = Symbol.dispose ?? Symbol.for("dispose");
  for (const file of open[0]) file?.[dispose]();
}
