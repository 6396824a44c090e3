/**
 * Runs parts in a dedicated worker, and says what it is at, so that the page knows where it hangs.
 * @module
 */
import { abilities, stand } from "./ground.js";
import { runPart } from "./parts.js";
import { said } from "./harness.js";

onmessage = async ({ data: { part, ground } }) => {
  try {
    stand({ ...ground, place: "worker" });
    if (part === undefined)
      return postMessage({ done: true, abilities: await abilities() });
    await runPart(part, {
      begin: (name) => postMessage({ begin: name }),
      end: (result) => postMessage({ end: result }),
    });
    postMessage({ done: true });
  } catch (error) {
    postMessage({ end: { name: "loading", error: said(error) }, done: true });
  }
};
postMessage({ loaded: true });
