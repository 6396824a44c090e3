/**
 * The playground as it is deployed: built, served from a folder of a plain host, driven in Chromium. Real components and the
 * examples; what a person would do, and what they would read. Knows the page by its roles and labels, not by its code.
 * @module
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { strFromU8, unzipSync } from "fflate";
import { buildGuest } from "../guests/build.js";
import { guestTool } from "../guests/lib/toolchains.js";
import { startChromium } from "./drivers/chromium.js";
import { serve } from "./playground/serve.js";

/** @import { Browser, BrowserContextOptions, Page } from 'playwright-core' */

const PREFIX = "/some/where/";
const work = mkdtempSync(join(tmpdir(), "slipway-playground-"));
const site = join(work, "site");
const playground = fileURLToPath(new URL("../../playground", import.meta.url));

/** @type {Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** The same with the policy that README.md recommends as a header. @type {Awaited<ReturnType<typeof serve>>} */
let strict;

/** The clock example, with its waiting taken out. */
async function flood() {
  const text = readFileSync(join(playground, "examples/clock.wat"), "utf8");
  const wait = "(call $block (local.get $second))";
  assert.ok(text.includes(wait));
  const [wat, wasm] = [join(work, "flood.wat"), join(work, "flood.wasm")];
  writeFileSync(wat, text.replace(wait, ""));
  execFileSync(await guestTool(), ["text", wat, "-o", wasm]);
  return wasm;
}

/** The header, as the README gives it. */
function policy() {
  const readme = readFileSync(join(playground, "README.md"), "utf8");
  const [, text] = /Content-Security-Policy: (.+)/.exec(readme) ?? [];
  return { "content-security-policy": text };
}

before(async () => {
  const vite = new URL("bin/vite.js", import.meta.resolve("vite/package.json"));
  execFileSync(
    process.execPath,
    [
      fileURLToPath(vite),
      "build",
      "--outDir",
      site,
      "--emptyOutDir",
      "--logLevel",
      "error",
    ],
    { cwd: playground, stdio: ["ignore", "inherit", "inherit"] },
  );
  server = await serve(site, PREFIX, {
    "/guests/flood.wasm": await flood(),
    "/guests/js-hello.wasm": await buildGuest("js-hello"),
    "/guests/rust-command.wasm": await buildGuest("rust-command"),
  });
  strict = await serve(site, PREFIX, {}, policy());
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  server?.close();
  strict?.close();
  rmSync(work, { recursive: true, force: true });
});

/**
 * Opens the playground for one test. Whatever the page complains about (an error, a breach of its policy) fails it.
 * @param {string} name
 * @param {(page: Page) => Promise<void>} body
 * @param {{ at?: string, context?: BrowserContextOptions, complaints?: RegExp }} [options] `complaints` that are wanted
 */
function inPage(name, body, { at = "", context, complaints: wanted } = {}) {
  test(name, { timeout: 120_000 }, async () => {
    const made = await browser.newContext(context);
    const page = await made.newPage();
    page.setDefaultTimeout(30_000);
    /** @type {string[]} */
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error.stack)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type()))
        if (!wanted?.test(message.text())) complaints.push(message.text());
    });
    try {
      await page.goto(server.origin + PREFIX + at);
      await body(page);
      assert.deepEqual(complaints, []);
    } finally {
      await made.close();
    }
  });
}

/**
 * Drops a file of the server's on the page.
 * @param {Page} page
 * @param {string} path
 */
async function drop(page, path) {
  const dataTransfer = await page.evaluateHandle(async (path) => {
    const transfer = new DataTransfer();
    const bytes = await (await fetch(path)).arrayBuffer();
    transfer.items.add(new File([bytes], path.replace(/^.*\//, "")));
    return transfer;
  }, path);
  await page.dispatchEvent("main", "drop", { dataTransfer });
}

/** @param {Page} page @param {string} name */
const press = (page, name) =>
  page.getByRole("button", { name, exact: true }).click();

/**
 * The newest call and its outcome, once it has one.
 * @param {Page} page
 * @returns {Promise<{ call: string, mark: string, outcome: string }>}
 */
async function newest(page) {
  const entry = page.getByRole("list", { name: "Calls" }).locator("li").first();
  const code = entry.locator("code");
  await entry.locator(".entry-outcome code:not(:empty)").waitFor();
  return {
    call: await code.nth(0).innerText(),
    mark: await entry.locator(".entry-mark").innerText(),
    outcome: await code.nth(1).innerText(),
  };
}

/**
 * Calls what is selected, and waits for the answer to this call.
 * @param {Page} page
 */
async function call(page) {
  const calls = page.getByRole("list", { name: "Calls" }).locator("li");
  const count = await calls.count();
  await press(page, "Call");
  await calls.nth(count).waitFor();
  return newest(page);
}

inPage(
  "the 12 MB component is dropped and its functions are called",
  async (page) => {
    await drop(page, "/guests/js-hello.wasm");
    await press(page, "greet");
    await page.getByLabel("name string").fill("Ada");
    assert.deepEqual(await call(page), {
      call: 'greet("Ada")',
      mark: "→",
      outcome: '"Hello, Ada!"',
    });

    await press(page, "describe");
    await page.getByLabel("name string").fill("Grace");
    await page.getByLabel("age u32").fill("85");
    for (const tag of ["navy", "compilers"]) {
      await press(page, "Add to tags");
      await page.locator(".item textarea").last().fill(tag);
    }
    const described = await call(page);
    assert.equal(
      described.call,
      'describe({name: "Grace", age: 85, tags: ["navy", "compilers"]})',
    );
    assert.match(described.outcome, /Grace.*85.*navy.*compilers/);

    await press(page, "birthday");
    const failed = await call(page);
    assert.equal(failed.mark, "error");
    assert.match(failed.outcome, /^".+"$/);

    await page.getByRole("tab", { name: "World" }).click();
    const wit = page.getByRole("region", { name: "WIT" });
    assert.match(
      await wit.innerText(),
      /export greet: func\(name: string\) -> string;/,
    );
    assert.match(await wit.innerText(), /record person \{/);
    await page.getByRole("tab", { name: "Files" }).click();
    const files = await page.getByLabel("Generated files").innerText();
    assert.match(files, /js-hello\.js/);
    assert.match(files, /js-hello\.core\.wasm/);
  },
);

inPage(
  "a command runs with arguments, variables and input; its output and status are shown",
  async (page) => {
    await page.getByLabel("Arguments").fill("one 'two words'");
    await page.getByLabel("Variables").fill("GREETING=hello\nEMPTY=");
    await page.getByLabel("Standard input").fill("from the page\n");
    await press(page, "Run");
    await page.getByText("Exit status 0").waitFor();
    assert.equal(
      await page.getByRole("log").innerText(),
      [
        "Hello from a component!",
        "argument command.wasm",
        "argument one",
        "argument two words",
        "variable GREETING=hello",
        "variable EMPTY=",
        "from the page",
        "",
      ].join("\n"),
    );

    await page.getByLabel("Arguments").fill("");
    await press(page, "Run");
    await page.getByText("Exit status 1").waitFor();
    const errors = page.getByRole("log").locator(".console-stderr");
    assert.equal(
      await errors.innerText(),
      "Give me an argument, and I succeed.\n",
    );
  },
  { at: "#example=command" },
);

inPage(
  "a Rust command reads and writes in a directory in memory",
  async (page) => {
    await drop(page, "/guests/rust-command.wasm");
    await page.getByLabel("Arguments").fill("/in.txt /out.txt 3");
    await press(page, "Run");
    // Granted nothing, it finds nothing.
    await page.getByText("Exit status 1").waitFor();
    assert.match(
      await page.getByRole("log").innerText(),
      /cannot open \/in\.txt/,
    );

    await page.getByLabel("A directory in memory").check();
    await page.getByLabel("Name of a new file").fill("in.txt");
    await press(page, "Add");
    await page.getByLabel("Contents of in.txt").fill("one\ntwo\n");
    await press(page, "Run");
    const after = page
      .getByRole("heading", { name: "The directory afterwards" })
      .locator("..");
    await after.waitFor();
    const output = await page.getByRole("log").innerText();
    assert.match(output, /\/in\.txt: 8 bytes, 2 lines/);
    assert.match(output, /rust-plain: status 3/);
    assert.match(await after.innerText(), /in\.txt\s+8 B, as it was/);
    const download = page.waitForEvent("download");
    await press(page, "Download out.txt");
    assert.equal(
      readFileSync(await (await download).path(), "utf8"),
      "rust-plain:one\ntwo\n",
    );
  },
);

inPage(
  "a program that waits streams its output, leaves the page alive, and is stopped",
  async (page) => {
    await press(page, "Run");
    await page.getByRole("log").getByText("tick 1").waitFor();
    await page.getByText(/^Running for \d s$/).waitFor();
    await press(page, "Stop");
    await page.getByText("Stopped.").waitFor();
    const said = await page.getByRole("log").innerText();
    await page.waitForTimeout(1300);
    assert.equal(await page.getByRole("log").innerText(), said);
    await press(page, "Run");
    await page.getByRole("log").getByText("tick 0").waitFor();
    await press(page, "Stop");
  },
  { at: "#example=clock" },
);

inPage(
  "a program that floods its output leaves the page alive, and is stopped",
  async (page) => {
    await drop(page, "/guests/flood.wasm");
    await press(page, "Run");
    await page.getByRole("log").getByText("bytes left out").first().waitFor();
    await press(page, "Stop");
    await page.getByText("Stopped.").waitFor();
    const { length } = await page.getByRole("log").innerText();
    assert.ok(length < 400_000, `${length} characters are shown`);
  },
);

inPage(
  "forms for every kind of type; errors and traps are told apart",
  async (page) => {
    await press(page, "area");
    await page.getByLabel("of: which").selectOption("triangle");
    for (const [i, side] of ["3", "4", "5"].entries())
      await page.getByLabel(`${i} f64`).fill(side);
    assert.deepEqual(await call(page), {
      call: "area(triangle((3, 4, 5)))",
      mark: "→",
      outcome: "6",
    });

    await press(page, "divide");
    await page.getByLabel("a s32").fill("-7");
    await page.getByLabel("b s32").fill("2");
    assert.equal((await call(page)).outcome, "-3");
    await page.getByLabel("b s32").fill("0");
    assert.deepEqual(await call(page), {
      call: "divide(-7, 0)",
      mark: "error",
      outcome: "division-by-zero",
    });
    await page.getByLabel("b s32").fill("many");
    await press(page, "Call");
    assert.equal(
      await page.getByRole("alert").innerText(),
      "b: “many” is not a whole number",
    );

    await press(page, "double");
    await page.getByLabel("n s64").fill("4611686018427387904");
    assert.equal((await call(page)).outcome, "(-9223372036854775808, false)");
    await press(page, "invert");
    await page.getByLabel("write", { exact: true }).check();
    assert.equal((await call(page)).outcome, "{read, run-it}");
    await press(page, "next-char");
    await page.getByLabel("after char").fill("a");
    assert.equal((await call(page)).outcome, "some('b')");
    await press(page, "opposite");
    await page.getByLabel("of direction").selectOption("east");
    assert.equal((await call(page)).outcome, "west");
    await press(page, "sum");
    await page.getByLabel("numbers").fill("1, 2.5, -0.5");
    assert.equal((await call(page)).outcome, "3");

    await press(page, "older");
    await page.getByLabel("name string").fill("Ada");
    await page.getByLabel("age u32").fill("36");
    await page.getByLabel("nickname: which").selectOption("some");
    await page.getByLabel("some string").fill("Countess");
    assert.equal(
      (await call(page)).outcome,
      '{name: "Ada", age: 37, nickname: some("Countess")}',
    );
    await press(page, "As text");
    const text = page.getByLabel("Arguments, as WAVE text");
    assert.equal(
      await text.inputValue(),
      '({name: "Ada", age: 36, nickname: some("Countess")}, none)',
    );
    await text.fill('({name: "Grace", age: 79}, some(6))');
    await press(page, "As a form");
    assert.equal(await page.getByLabel("name string").inputValue(), "Grace");
    assert.equal(
      (await call(page)).outcome,
      '{name: "Grace", age: 85, nickname: none}',
    );

    await press(page, "never");
    assert.equal((await call(page)).mark, "trap");
    await press(page, "add");
    // The instance is dead, and a new one is not.
    assert.equal((await call(page)).mark, "trap");
    await press(page, "New instance");
    assert.equal((await call(page)).outcome, "0");
  },
  { at: "#example=types" },
);

inPage(
  "resources that calls make are there for later calls",
  async (page) => {
    await press(page, "new counter");
    await page.getByLabel("start s32").fill("5");
    assert.equal((await call(page)).outcome, "counter #1");
    await page.getByLabel("start s32").fill("8");
    assert.equal((await call(page)).outcome, "counter #2");
    await press(page, "counter.increment");
    await page.getByLabel("self").selectOption("counter #1");
    await page.getByLabel("by s32").fill("10");
    assert.deepEqual(await call(page), {
      call: "counter.increment(#1, 10)",
      mark: "→",
      outcome: "15",
    });
    await press(page, "counter.larger");
    await page.getByLabel("a borrow").selectOption("counter #1");
    await page.getByLabel("b borrow").selectOption("counter #2");
    assert.equal((await call(page)).outcome, "counter #3");
  },
  { at: "#example=counter" },
);

inPage(
  "a broken file says what, where and which kind; the page goes on",
  async (page) => {
    const whole = readFileSync(join(site, "examples/types.wasm"));
    const truncated = join(work, "truncated.wasm");
    writeFileSync(truncated, whole.subarray(0, 1000));
    const picked = page.locator('input[type="file"]').first();
    await picked.setInputFiles(truncated);
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.match(
      await alert.innerText(),
      /truncated\.wasm could not be opened/,
    );
    assert.match(await alert.innerText(), /Code\s+truncated/);
    assert.match(await alert.innerText(), /Offset\s+\d+ \(0x[0-9a-f]+\)/);

    const noise = join(work, "noise.wasm");
    writeFileSync(noise, Buffer.alloc(100_000, "not a component "));
    await page.locator('input[type="file"]').first().setInputFiles(noise);
    await page.getByText("noise.wasm could not be opened").waitFor();
    assert.match(await alert.innerText(), /Code\s+bad-magic/);

    await page.getByRole("link", { name: /^Greet/ }).click();
    await page.getByLabel("name string").fill("World");
    assert.equal((await call(page)).outcome, '"Hello, World!"');
  },
);

inPage("a link brings back component, form and choices", async (page) => {
  await page.getByRole("link", { name: /^Types/ }).click();
  await press(page, "add");
  await page.getByLabel("a u32").fill("40");
  await page.getByLabel("b u32").fill("2");
  await page.getByRole("tab", { name: "Files" }).click();
  await page.getByLabel("Form").selectOption("sync");
  await page.getByRole("tab", { name: "Call" }).click();
  const link = page.url();
  assert.match(link, /#example=types&tab=call&call=add/);

  await page.goto("about:blank");
  await page.goto(link);
  await page.getByLabel("a u32").waitFor();
  assert.equal(await page.getByLabel("a u32").inputValue(), "40");
  assert.equal((await call(page)).outcome, "42");
  await page.getByRole("tab", { name: "Files" }).click();
  assert.equal(await page.getByLabel("Form").inputValue(), "sync");
  assert.match(
    await page.getByRole("region", { name: "types.js" }).innerText(),
    /export function instantiate\(/,
  );

  await page.goto(`${server.origin}${PREFIX}?url=/guests/rust-command.wasm`);
  await page.getByRole("button", { name: "Run", exact: true }).waitFor();
});

inPage(
  "the generated files can be taken as a zip",
  async (page) => {
    await page.getByRole("tab", { name: "Files" }).click();
    const download = page.waitForEvent("download");
    await press(page, "Download all (.zip)");
    const zip = unzipSync(readFileSync(await (await download).path()));
    assert.deepEqual(Object.keys(zip).sort(), [
      "greet.core.wasm",
      "greet.d.ts",
      "greet.js",
    ]);
    assert.match(strFromU8(zip["greet.js"]), /export (?:function|const|\{)/);
    assert.ok(
      WebAssembly.validate(/** @type {any} */ (zip["greet.core.wasm"])),
    );
  },
  { at: "#example=greet" },
);

inPage(
  "a host that sends the strict policy of the README serves it too",
  async (page) => {
    await page.goto(`${strict.origin}${PREFIX}#example=greet`);
    await page.getByLabel("name string").fill("policy");
    assert.equal((await call(page)).outcome, '"Hello, policy!"');
    // The page itself is held to its own, stricter one: nothing from a blob, nothing evaluated.
    const refused = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.src = URL.createObjectURL(new Blob(["globalThis.ran = true"]));
      const outcome = new Promise((resolve) => {
        script.onload = () => resolve("ran");
        script.onerror = () => resolve("refused");
      });
      document.head.append(script);
      return outcome;
    });
    assert.equal(refused, "refused");
  },
  { complaints: /Content Security Policy/ },
);

inPage("the tabs are moved through with the arrow keys", async (page) => {
  await page.getByRole("link", { name: /^Greet/ }).click();
  const tab = page.getByRole("tab", { name: "Call" });
  await tab.focus();
  await page.keyboard.press("ArrowRight");
  const files = page.getByRole("tab", { name: "Files" });
  assert.equal(await files.getAttribute("aria-selected"), "true");
  assert.ok(await files.evaluate((it) => it === document.activeElement));
  await page.keyboard.press("End");
  await page.getByRole("region", { name: "Plan" }).waitFor();
});

inPage(
  "nothing is wider than a phone",
  async (page) => {
    const isWide = () =>
      page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(await isWide(), false, "start");
    for (const example of ["types", "command"]) {
      await page.goto(`${server.origin}${PREFIX}#example=${example}`);
      await page.getByRole("heading", { name: `${example}.wasm` }).waitFor();
      for (const tab of await page.getByRole("tab").all()) {
        await tab.click();
        assert.equal(
          await isWide(),
          false,
          `${example}, ${await tab.innerText()}`,
        );
      }
    }
  },
  {
    context: {
      viewport: { width: 400, height: 800 },
      hasTouch: true,
      isMobile: true,
    },
  },
);

test("what comes before the first paint is below 60 kB of JavaScript", () => {
  const html = readFileSync(join(site, "index.html"), "utf8");
  const [, entry] =
    /<script type="module"[^>]* src="\.\/([^"]+)"/.exec(html) ?? [];
  const script = readFileSync(join(site, entry));
  assert.doesNotMatch(
    String(script),
    /^import\b[^(]*?from"\.\//m,
    "it is one file",
  );
  assert.ok(gzipSync(script).length < 60_000);
  assert.match(html, /rel="preload" as="fetch" type="application\/wasm"/);
  assert.equal(
    readdirSync(site).some((name) => name.endsWith(".map")),
    false,
  );
});
