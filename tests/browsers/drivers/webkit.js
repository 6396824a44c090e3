/**
 * WebKitGTK's MiniBrowser over plain WebDriver, on a display of its own. The automation session is a private one.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { which } from "../../../npm/scripts/setup/shell.js";
import { ended, freePort, started } from "./browser.js";

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Browser } from './browser.js' */

/** Where distributions keep it: it is on no PATH. */
function miniBrowser() {
  const lib = "/usr/lib";
  const folders = existsSync(lib)
    ? [lib, "/usr/libexec", ...readdirSync(lib).map((name) => `${lib}/${name}`)]
    : [];
  return folders
    .map((folder) => `${folder}/webkit2gtk-4.1/MiniBrowser`)
    .find((path) => existsSync(path));
}

/** @returns {boolean} whether there is one to be driven */
export function findWebKit() {
  const programs = ["WebKitWebDriver", "Xvfb"];
  return programs.every((name) => which(name)) && miniBrowser() !== undefined;
}

/** @returns {Promise<{ child: ChildProcess, display: string }>} */
async function startDisplay() {
  const args = ["-displayfd", "1", "-screen", "0", "1024x768x24"];
  const child = spawn("Xvfb", [...args, "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [number] = await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(() => {
      throw new Error("Xvfb ended before it had a display");
    }),
  ]);
  return { child, display: `:${String(number).trim()}` };
}

/**
 * @param {number} port
 * @returns {(method: string, path: string, body?: object) => Promise<any>}
 */
function connection(port) {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const sent = request({ port, method, path, host: "127.0.0.1" });
      sent.on("error", reject);
      sent.on("response", async (response) => {
        let text = "";
        for await (const chunk of response.setEncoding("utf8")) text += chunk;
        const { value } = JSON.parse(text);
        if (response.statusCode === 200) resolve(value);
        else reject(new Error(`${value.error}: ${value.message}`));
      });
      sent.end(body && JSON.stringify(body));
    });
}

/**
 * @param {ReturnType<typeof connection>} call
 * @param {ChildProcess} driver
 */
async function startSession(call, driver) {
  const options = { binary: miniBrowser(), args: ["--automation"] };
  const alwaysMatch = { "webkitgtk:browserOptions": options };
  for (let attempt = 0; ; attempt++) {
    try {
      return await call("POST", "/session", { capabilities: { alwaysMatch } });
    } catch (error) {
      // The driver takes a moment to listen.
      const { code } = /** @type {any} */ (error);
      if (code !== "ECONNREFUSED" || attempt > 100 || driver.exitCode !== null)
        throw error;
      await sleep(50);
    }
  }
}

/** In a script's wording: what `evaluate` promises. */
const SCRIPT = `
  const done = arguments[arguments.length - 1];
  (async () => (ACT))()
    .then((act) => act(JSON.parse(arguments[0])))
    .then((value) => done(JSON.stringify({ value })),
          (error) => done(JSON.stringify({ error: error.name + ": " + error.message + "\\n" + error.stack })));
`;

/** @returns {Promise<Browser>} */
export function launchWebKit() {
  return started("WebKitGTK", startWebKit);
}

/** @returns {Promise<Browser>} */
async function startWebKit() {
  const { child: screen, display } = await startDisplay();
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    stdio: "ignore",
    env: { ...process.env, DISPLAY: display },
  });
  const stop = async () => {
    await ended(driver);
    await ended(screen);
  };
  const call = connection(port);
  /** @type {{ sessionId: string, capabilities: { browserVersion: string } }} */
  let session;
  try {
    session = await startSession(call, driver);
  } catch (error) {
    await stop();
    throw error;
  }
  const at = `/session/${session.sessionId}`;
  await call("POST", `${at}/timeouts`, { script: 1_200_000 });
  return {
    version: session.capabilities.browserVersion,
    async open(url) {
      const first = await call("GET", `${at}/window`);
      // A window of its own: what the page before has left in its process goes with that.
      const made = await call("POST", `${at}/window/new`, { type: "window" });
      await call("POST", `${at}/window`, made);
      const go = () => call("POST", `${at}/url`, { url });
      await go();
      return {
        async evaluate(act, argument) {
          const text = await call("POST", `${at}/execute/async`, {
            script: SCRIPT.replace("ACT", () => String(act)),
            args: [JSON.stringify(argument ?? null)],
          });
          const { value, error } = JSON.parse(text);
          if (error) throw new Error(error);
          return value;
        },
        reload: go,
        async close() {
          await call("DELETE", `${at}/window`);
          await call("POST", `${at}/window`, { handle: first });
        },
      };
    },
    async close() {
      await call("DELETE", at).catch(() => {});
      await stop();
    },
  };
}
