/**
 * `npm run setup`: walks the table of steps and does what is missing. `npm run setup build` stops at what building needs.
 * Owns the order and the words on the screen, no step.
 * @module
 */
import { pathToFileURL } from "node:url";
import { steps } from "./setup/steps.js";

/**
 * @param {'build' | 'test'} [purpose]
 * @returns {Promise<string[]>} one line per step that failed
 */
export async function setup(purpose = "test") {
  const failed = [];
  for (const step of steps) {
    if (purpose === "build" && step.for !== "build") continue;
    try {
      const there = step.ready();
      process.stderr.write(
        `setup: ${step.name}${there ? ` ✓ ${there}` : ""}\n`,
      );
      if (!there) await step.make();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      process.stderr.write(`setup: ${step.name} ✗ ${message}\n`);
      failed.push(`${step.name}: ${message.split("\n")[0]}`);
    }
  }
  return failed;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const failed = await setup(process.argv[2] === "build" ? "build" : "test");
  process.exitCode = failed.length ? 1 : 0;
}
