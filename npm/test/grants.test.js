import assert from "node:assert/strict";
import { test } from "node:test";
import { grantOptions, grants } from "../src/cli/grants.js";
import { UsageError, parseOptions } from "../src/cli/options.js";

/** @param {string[]} words */
const granted = (...words) => grants(parseOptions(words, grantOptions).values);

test("nothing is granted unasked", async () => {
  assert.deepEqual(await granted(), { env: {}, fs: {} });
});

test("HTTP: to all hosts, or to those named", async () => {
  assert.equal((await granted("--allow-http")).fetch, true);
  assert.deepEqual((await granted("--allow-http=a.org,localhost:80")).fetch, {
    allow: ["a.org", "localhost:80"],
  });
  const all = ["*", "*.b.org", "https://c.org", "http://d.org:81", "[::1]:80"];
  assert.deepEqual((await granted(`--allow-http=${all.join(",")}`)).fetch, {
    allow: all,
  });
  await assert.rejects(granted("--allow-http="), UsageError);
  for (const wrong of ["a.org/path", "ftp://a.org", "a b", "a.org:http"])
    await assert.rejects(granted(`--allow-http=${wrong}`), UsageError);
});

test("sockets: not there, and nobody is left to believe it", async () => {
  for (const word of ["--allow-net", "--allow-net=localhost:80"])
    await assert.rejects(granted(word), /no sockets yet/);
});

test("variables: given, taken from here, all", async () => {
  process.env.SLIPWAY_TEST = "here";
  const { env } = await granted("--env", "A=1=2", "--env", "SLIPWAY_TEST");
  assert.deepEqual(env, { A: "1=2", SLIPWAY_TEST: "here" });
  assert.equal((await granted("--inherit-env")).env.SLIPWAY_TEST, "here");
  delete process.env.SLIPWAY_TEST;
  await assert.rejects(granted("--env", "SLIPWAY_TEST"), UsageError);
  await assert.rejects(granted("--env", "=x"), UsageError);
});

test("folders: those that are there, under the guest's name or their own", async () => {
  const { fs } = await granted("--dir", ".::/data", "--dir", ".");
  assert.deepEqual(Object.keys(fs), ["/data", "."]);
  await assert.rejects(granted("--dir", "/no/such::/x"), /no folder/);
  await assert.rejects(granted("--dir", "::/x"), UsageError);
});
