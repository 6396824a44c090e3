/**
 * On the page after the one on which workers were killed: volumes that could not be mounted there are whole.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { removeOpfs } from "@slipway/wasi/opfs";
import { kept } from "./crash-later.js";
import { visit } from "./crash-visit.js";

test(
  "volumes that did not answer on the page before do so now, and are whole",
  { timeout: 600_000 },
  async () => {
    for (const { name, states } of kept()) {
      const { found } = await visit({ name, store: "indexed-db" });
      assert.ok(states.includes(found), `${name}:\n${found}`);
      await removeOpfs(name);
    }
  },
);
