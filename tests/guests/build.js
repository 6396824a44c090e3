/**
 * Builds the components that the tests, the demo and the benches run: `await buildGuest("rust-command")` gives the
 * path of a component in a cache outside the repository. See README.md for the list. Knows the recipes, not Slipway.
 *
 *     node tests/guests/build.js [--list] [NAME…]      prints the paths; without names, builds every guest
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hash, once, say, sources } from "./lib/cache.js";
import { guests } from "./lib/recipes.js";
import { here } from "./lib/toolchains.js";

/** @returns {string[]} */
export function guestNames() {
  return Object.keys(guests);
}

/**
 * @param {string} name one of {@link guestNames}
 * @returns {Promise<string>} the path of the component
 */
export async function buildGuest(name) {
  const recipe = Object.hasOwn(guests, name) ? guests[name] : undefined;
  if (!recipe)
    throw new Error(
      `no guest is called ${name}; there are ${guestNames().join(", ")}`,
    );
  const key = hash([
    name,
    // Rust by rustup and Rust by Debian make different components of one source: each way tests its own.
    process.env.WASM_TOOLCHAIN ?? "",
    recipe.make.toString(),
    ...(await sources(here, recipe.sources)),
  ]);
  const dir = await once(`${name}-${key}`, async (out) => {
    say(`building ${name} (${recipe.about})`);
    const start = Date.now();
    await recipe.make(join(out, `${name}.wasm`), out);
    if (!existsSync(join(out, `${name}.wasm`)))
      throw new Error(`the recipe of ${name} made no component`);
    say(`built ${name} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  });
  return join(dir, `${name}.wasm`);
}

async function main() {
  const args = process.argv.slice(2);
  if (args.includes("--list")) {
    for (const [name, { about }] of Object.entries(guests))
      console.log(`${name.padEnd(24)} ${about}`);
    return;
  }
  for (const name of args.length > 0 ? args : guestNames())
    console.log(await buildGuest(name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    process.stderr.write(`guests: ${error.message}\n`);
    process.exitCode = 1;
  });
}
