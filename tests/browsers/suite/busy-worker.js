/**
 * A worker that commits a file to a volume in a database, and then never turns its event loop again.
 * @module
 */
import { files } from "@slipway/wasi";
import { opfs } from "@slipway/wasi/opfs";

onmessage = async ({ data: name }) => {
  const volume = await opfs(name, { store: "indexed-db", commitMs: null });
  files(volume).write("f", "kept");
  volume.commit();
  for (;;);
};
postMessage("loaded");
