/**
 * The worker that is killed: opens a volume, tells what is there, and changes it at random; each commit is told before and
 * after, in shared memory where there is some: what is posted by a worker that is being killed does not arrive.
 * @module
 */
import { opfs } from "@slipway/wasi/opfs";
import { dump } from "../../shims/fs-steps.js";
import { churn } from "./churn.js";

onmessage = async ({ data: { name, store, seed, counts } }) => {
  try {
    const volume = await opfs(name, {
      store,
      commitMs: null,
      whenLocked: "wait",
    });
    postMessage({ found: dump(volume) });
    if (seed === undefined) {
      await volume.close();
      return postMessage({ closed: true });
    }
    const told = counts ?? new Int32Array(2);
    await churn(seed, volume, async (commits) => {
      told[0] = commits;
      postMessage({ begun: commits });
      volume.commit();
      told[1] = commits;
      postMessage({ done: commits });
      // A database gets nothing written while nobody yields; synchronous handles are to be caught in the middle.
      if (store === "indexed-db")
        await new Promise((resolve) => setTimeout(resolve));
      return false;
    });
  } catch (error) {
    const { stack } = /** @type {Error} */ (error);
    postMessage({ error: stack ?? String(error) });
  }
};
postMessage({ loaded: true });
