/**
 * Stock Firefox over WebDriver BiDi, as much of it as the shims' tests need: open
 * a page, evaluate on it. Needs a global WebSocket (Node 22 and later).
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PLACES = [
  process.env.FIREFOX_PATH,
  "/usr/bin/firefox-esr",
  "/usr/bin/firefox",
];

/** @returns {string | undefined} why Firefox cannot be driven here */
export function whyNoFirefox() {
  if (typeof WebSocket !== "function") return "this Node has no WebSocket";
  return findFirefox() ? undefined : "there is no Firefox";
}

function findFirefox() {
  return PLACES.find((path) => path && existsSync(path));
}

export async function launchFirefox() {
  const profile = mkdtempSync(join(tmpdir(), "slipway-firefox-"));
  writeFileSync(
    join(profile, "user.js"),
    `user_pref("app.update.enabled", false);
     user_pref("datareporting.policy.dataSubmissionEnabled", false);
     user_pref("browser.shell.checkDefaultBrowser", false);`,
  );
  const child = spawn(
    findFirefox(),
    ["--headless", "--remote-debugging-port=0", "--profile", profile],
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, HOME: profile },
    },
  );
  const address = await new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (data) => {
      said += data;
      const match = /BiDi listening on (ws:\S+)/.exec(said);
      if (match) resolve(match[1]);
    });
    child.on("exit", () => reject(new Error(`Firefox ended: ${said}`)));
  });
  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("no connection to Firefox"));
  });
  const waiting = new Map();
  let next = 0;
  socket.onmessage = ({ data }) => {
    const { id, type, result, error, message } = JSON.parse(data);
    const { resolve, reject } = waiting.get(id) ?? {};
    if (type === "success") resolve?.(result);
    else if (type === "error") reject?.(new Error(`${error}: ${message}`));
  };
  const call = (method, params) =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
  await call("session.new", { capabilities: {} });
  return {
    async open(url) {
      const { context } = await call("browsingContext.create", { type: "tab" });
      const go = () =>
        call("browsingContext.navigate", { context, url, wait: "complete" });
      await go();
      return {
        reload: go,
        close: () => call("browsingContext.close", { context }),
        /** A function of one argument; both it and what it gives go as JSON. */
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
      socket.close();
      if (child.exitCode === null)
        await new Promise((resolve) => child.once("exit", resolve));
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
