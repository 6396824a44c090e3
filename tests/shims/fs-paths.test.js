/**
 * Random paths through random trees with links that point anywhere: what a path leads to is what a simple model says, on every
 * volume; and nothing done through a directory changes or shows anything outside of it.
 * @module
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { layered, memory, symlink } from "@slipway/wasi";
import { directory } from "@slipway/wasi/node";
import { persistent } from "../../shims/src/fs/persistent.js";
import { Disk, seeded } from "./fake-disk.js";
import { entriesOf, rootOf } from "./fs.suite.js";

const FOLLOW = { symlinkFollow: true };
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
const NAMES = ["a", "b", "c", "__proto__", "constructor", "é"];

/** A tree: names to text (a file), to `{ points }`, or to a tree. */
function randomTree(random, depth) {
  const tree = new Map();
  for (const name of NAMES) {
    const kind = random.below(6);
    if (kind < 2 && depth > 0) tree.set(name, randomTree(random, depth - 1));
    else if (kind === 2) tree.set(name, { points: randomPath(random, true) });
    else if (kind === 3) tree.set(name, "content");
  }
  return tree;
}

function randomPath(random, isTarget = false) {
  const odd = ["x".repeat(255), "x".repeat(256), "é".repeat(128), "nope"];
  const parts = [];
  for (let i = random.below(5); i >= 0; i--) {
    const roll = random.below(20);
    if (roll < 5) parts.push("..");
    else if (roll < 7) parts.push(".");
    else if (roll < 8) parts.push("");
    else if (roll < 9) parts.push(random.pick(odd));
    else parts.push(random.pick(NAMES));
  }
  let path = parts.join("/");
  const roll = random.below(30);
  if (roll === 0) path = `/${path}`;
  if (roll < 4) path += "/";
  if (isTarget) return path === "" ? "." : path;
  if (roll === 5) path = "";
  if (roll === 6) path += "\0";
  if (roll === 7) path = "a/".repeat(32768);
  return path;
}

const isTree = (node) => node instanceof Map;
const linkOf = (node) => (isTree(node) ? undefined : node?.points);

/**
 * The model: where a path leads, as names from the base; or the code of why nowhere. A slash in `todo` stands for one at the
 * end of a path or a link, which only a directory can have after it.
 */
function lead(base, at, todo, follow, links = 0) {
  if (todo.length === 0) return at;
  const [name, ...rest] = todo;
  const here = at.reduce((tree, n) => tree.get(n), base);
  if (name === "/")
    return isTree(here)
      ? lead(base, at, rest, follow, links)
      : here === undefined
        ? "no-entry"
        : "not-directory";
  if (here === undefined) return "no-entry";
  if (!isTree(here)) return "not-directory";
  if (name === ".") return lead(base, at, rest, follow, links);
  if (name === "..")
    return at.length === 0
      ? "not-permitted"
      : lead(base, at.slice(0, -1), rest, follow, links);
  if (Buffer.byteLength(name) > 255) return "name-too-long";
  const target = linkOf(here.get(name));
  if (target === undefined || (rest.length === 0 && !follow))
    return lead(base, [...at, name], rest, follow, links);
  if (links === 40) return "loop";
  return checked(target, (parts) =>
    lead(base, at, [...parts, ...rest], follow, links + 1),
  );
}

/** The parts of a path that may be one. */
function checked(path, then) {
  if (path === "") return "no-entry";
  if (path.length > 4096) return "name-too-long";
  if (path.startsWith("/")) return "not-permitted";
  if (path.includes("\0")) return "invalid";
  const parts = path.split("/").filter((part) => part !== "");
  return then(path.endsWith("/") ? [...parts, "/"] : parts);
}

/** Every directory of a tree, by the names that lead there. */
function* directories(tree, at = []) {
  yield at;
  for (const [name, node] of tree)
    if (isTree(node)) yield* directories(node, [...at, name]);
}

const literal = (tree) =>
  Object.fromEntries(
    Array.from(tree, ([name, node]) => [
      name,
      isTree(node) ? literal(node) : node.points ? symlink(node.points) : node,
    ]),
  );

function make(dir, tree) {
  for (const [name, node] of tree) {
    const path = join(dir, name);
    if (isTree(node)) {
      fs.mkdirSync(path);
      make(path, node);
    } else if (node.points) fs.symlinkSync(node.points, path);
    else fs.writeFileSync(path, node);
  }
}

/** Makes the tree through the face, as a guest does: so no link is absolute. */
function fill({ root, put }, tree, at = "") {
  for (const [name, node] of tree) {
    const path = at + name;
    if (isTree(node)) {
      root.createDirectoryAt(path);
      fill({ root, put }, node, `${path}/`);
    } else if (node.points) root.symlinkAt(node.points, path);
    else put(path, node);
  }
}

/** All that is there, hashes to paths; but not what is below `except`. */
function everything(root, except) {
  const found = new Map();
  const visit = (dir, at) => {
    const entries = entriesOf(dir);
    for (const { name, type } of entries) {
      const path = [...at, name].join("/");
      const { lower, upper } = dir.metadataHashAt({}, name);
      found.set(`${lower} ${upper}`, path);
      if (type !== "directory" || path === except) continue;
      const sub = dir.openAt({}, name, { directory: true }, { read: true });
      visit(sub, [...at, name]);
      sub[DISPOSE]();
    }
  };
  const { lower, upper } = root.metadataHash();
  found.set(`${lower} ${upper}`, "");
  if (except !== "") visit(root, []);
  return found;
}

const answer = (act) => {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error) throw error;
    return error;
  }
};

function grounds(t) {
  const base = fs.mkdtempSync(join(tmpdir(), "slipway-paths-"));
  t.after(() => fs.rmSync(base, { recursive: true }));
  let count = 0;
  return {
    "in memory": (tree) => memory(literal(tree)),
    "a layer over memory": (tree) => layered(memory(literal(tree))),
    "persistent, made by a guest": (tree) => {
      const volume = persistent(new Disk(seeded(1)).handles(), {
        commitMs: null,
      });
      fill(rootOf(volume), tree);
      return volume;
    },
    "a directory of the host": (tree) => {
      const path = join(base, `t${count++}`);
      fs.mkdirSync(path);
      fs.writeFileSync(join(base, "a"), "secret");
      make(path, tree);
      return directory(path);
    },
  };
}

/** Absolute links are not for guests to make. */
function withoutAbsolute(tree) {
  for (const [name, node] of tree) {
    if (isTree(node)) withoutAbsolute(node);
    else if (node.points?.startsWith("/")) tree.delete(name);
  }
  return tree;
}

test("a path leads where the model says", (t) => {
  const kinds = Object.entries(grounds(t));
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const [name, ground] = kinds[seed % kinds.length];
    let tree = randomTree(random, 3);
    if (name.includes("guest")) tree = withoutAbsolute(tree);
    const { root } = rootOf(ground(tree));
    const all = everything(root);
    for (let i = 0; i < 150; i++) {
      const at = random.pick([...directories(tree)]);
      const path = randomPath(random);
      const follow = random.below(2) === 1;
      const base = at.reduce((dir, n) => dir.get(n), tree);
      const led = checked(path, (parts) => lead(base, [], parts, follow));
      const end = Array.isArray(led) && led.reduce((d, n) => d.get(n), base);
      const wanted = !Array.isArray(led)
        ? led
        : end === undefined
          ? "no-entry"
          : [...at, ...led].join("/");
      const dir = at.length
        ? root.openAt({}, at.join("/"), { directory: true }, { read: true })
        : root;
      const hash = answer(() => dir.metadataHashAt(follow ? FOLLOW : {}, path));
      const got =
        typeof hash === "string"
          ? hash
          : all.get(`${hash.lower} ${hash.upper}`);
      const told = `seed ${seed}, ${name}: ${JSON.stringify(path.slice(0, 99))} from ${at.join("/")}`;
      assert.equal(got, wanted, told);
      // Reading gives the file's content, and never another's.
      if (typeof end === "string") {
        const file = dir.openAt(FOLLOW, path, {}, { read: true });
        assert.equal(String(Buffer.from(file.read(99n, 0n)[0])), end, told);
        file[DISPOSE]();
      }
      if (dir !== root) dir[DISPOSE]();
    }
  }
});

test("nothing done through a directory reaches out of it", (t) => {
  const kinds = Object.entries(grounds(t));
  let done = 0;
  for (let seed = 1000; seed < 1080; seed++) {
    const random = seeded(seed);
    const [name, ground] = kinds[seed % kinds.length];
    const tree = withoutAbsolute(randomTree(random, 3));
    const { root } = rootOf(ground(tree));
    const within = random.pick([...directories(tree)]).join("/");
    const dir = root.openAt({}, within || ".", { directory: true }, {});
    const outside = [...everything(root, within)].sort();
    for (let i = 0; i < 60; i++) {
      const [path, other] = [randomPath(random), randomPath(random)];
      const flags = random.below(2) ? FOLLOW : {};
      const how = { create: true, truncate: random.below(2) === 1 };
      const operations = [
        () => dir.createDirectoryAt(path),
        () => dir.removeDirectoryAt(path),
        () => dir.unlinkFileAt(path),
        () => dir.symlinkAt(other, path),
        () => dir.renameAt(path, dir, other),
        () => dir.linkAt({}, path, dir, other),
        () => dir.setTimesAt(flags, path, { tag: "now" }, { tag: "now" }),
        () => {
          const file = dir.openAt(flags, path, how, { write: true });
          file.write(new Uint8Array(random.below(99)), 0n);
          file[DISPOSE]();
        },
      ];
      if (answer(random.pick(operations)) === undefined) done++;
    }
    const after = [...everything(root, within)].sort();
    // The directory itself is seen from both sides, and has changed.
    const inner = ([, path]) => path !== within;
    assert.deepEqual(
      after.filter(inner),
      outside.filter(inner),
      `seed ${seed}, ${name}`,
    );
  }
  assert.ok(done > 200, `${done} operations had an effect`);
});
