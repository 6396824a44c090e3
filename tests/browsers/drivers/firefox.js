/**
 * Stock Firefox over WebDriver BiDi, as much of it as the tests need: open a page, evaluate on it. Needs a global WebSocket
 * (Node 22 and later).
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { which } from "../../../npm/scripts/setup/shell.js";
import { ended, started } from "./browser.js";

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Browser } from './browser.js' */

/** @returns {string | undefined} `FIREFOX_PATH`, or an installed one */
export function findFirefox() {
  const named = process.env.FIREFOX_PATH;
  if (named && !existsSync(named))
    throw new Error(`FIREFOX_PATH=${named}: there is no such file`);
  return named ?? which("firefox-esr") ?? which("firefox");
}

const PREFERENCES = `
  user_pref("app.update.enabled", false);
  user_pref("datareporting.policy.dataSubmissionEnabled", false);
  user_pref("browser.shell.checkDefaultBrowser", false);
`;

/**
 * @param {ChildProcess} child
 * @returns {Promise<string>} where it listens
 */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (data) => {
      said += data;
      const match = /BiDi listening on (ws:\S+)/.exec(said);
      if (match) resolve(match[1]);
    });
    child.on("exit", () => reject(new Error(`Firefox ended: ${said}`)));
  });
}

/**
 * @param {string} address
 * @returns {Promise<{ call: (method: string, params: object) => Promise<any>, close: () => void }>}
 */
async function connect(address) {
  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("no connection to Firefox"));
  });
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  let next = 0;
  socket.onmessage = ({ data }) => {
    const { id, type, result, error, message } = JSON.parse(data);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (type === "success") resolve?.(result);
    else if (type === "error") reject?.(new Error(`${error}: ${message}`));
  };
  socket.onclose = () => {
    for (const { reject } of waiting.values())
      reject(new Error("Firefox went away"));
  };
  const call = (/** @type {string} */ method, /** @type {object} */ params) =>
    /** @type {Promise<any>} */ (
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, method, params }));
      })
    );
  return { call, close: () => socket.close() };
}

/** @returns {Promise<Browser>} */
export function launchFirefox() {
  return started("Firefox", startFirefox);
}

/** The program and a session with it; when it fails, nothing of them is left. */
async function startProgram() {
  const profile = mkdtempSync(join(tmpdir(), "slipway-firefox-"));
  writeFileSync(join(profile, "user.js"), PREFERENCES);
  const child = spawn(
    findFirefox() ?? "firefox",
    ["--headless", "--remote-debugging-port=0", "--profile", profile],
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, HOME: profile },
    },
  );
  const gone = async () => {
    await ended(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { call, close } = await connect(await addressOf(child));
    const { capabilities } = await call("session.new", { capabilities: {} });
    const version = capabilities.browserVersion;
    return { version, child, call, close, gone };
  } catch (error) {
    await gone();
    throw error;
  }
}

/** @returns {Promise<Browser>} */
async function startFirefox() {
  const { version, child, call, close, gone } = await startProgram();
  return {
    version,
    async open(url) {
      const { context } = await call("browsingContext.create", { type: "tab" });
      const go = () =>
        call("browsingContext.navigate", { context, url, wait: "complete" });
      await go();
      return {
        reload: go,
        close: () => call("browsingContext.close", { context }),
        async evaluate(act, argument) {
          const { type, result, exceptionDetails } = await call(
            "script.evaluate",
            {
              expression: `(async () => JSON.stringify(await (${act})(${JSON.stringify(argument ?? null)})))()`,
              target: { context },
              awaitPromise: true,
            },
          );
          if (type === "exception") throw new Error(exceptionDetails.text);
          return result.value === undefined
            ? undefined
            : JSON.parse(result.value);
        },
      };
    },
    async close() {
      await call("browser.close", {}).catch(() => {});
      close();
      const patience = setTimeout(() => void ended(child), 5000);
      if (child.exitCode === null) await once(child, "exit");
      clearTimeout(patience);
      await gone();
    },
  };
}
