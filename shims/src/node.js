export { directory } from "./fs/host.js";
