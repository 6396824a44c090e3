import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findChromium } from "../../../npm/scripts/setup/chromium.js";
import { started } from "./browser.js";
import { launchChromium } from "./chromium.js";

test("what dies while it starts is started three times at most", async () => {
  let starts = 0;
  const dying = (/** @type {number} */ until) =>
    started("it", async () => {
      if (++starts <= until) throw new Error(`start ${starts} failed`);
      return "up";
    });
  assert.equal(await dying(2), "up");
  assert.equal(starts, 3);
  starts = 0;
  await assert.rejects(dying(3), /start 3 failed/);
  assert.equal(starts, 3);
});

test(
  "a Chromium that crashes while it starts is started again",
  { skip: !findChromium() && "there is no Chromium" },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-start-"));
    const program = join(folder, "chromium");
    writeFileSync(
      program,
      `#!/bin/sh
mkdir "${folder}/crashed" 2> /dev/null && kill -SEGV $$
exec "${findChromium()}" "$@"
`,
      { mode: 0o755 },
    );
    const named = process.env.CHROME_PATH;
    t.after(() => {
      if (named === undefined) delete process.env.CHROME_PATH;
      else process.env.CHROME_PATH = named;
      rmSync(folder, { recursive: true, force: true });
    });
    process.env.CHROME_PATH = program;
    const browser = await launchChromium();
    const page = await browser.open("about:blank");
    assert.equal(await page.evaluate(() => 1 + 1), 2);
    await browser.close();
  },
);
