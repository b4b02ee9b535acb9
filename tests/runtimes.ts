import { fileURLToPath } from "node:url";

/** Both runtimes of the product, by their programs. */
export const RUNTIMES = {
  Bun: process.execPath,
  Node: fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url)),
};
