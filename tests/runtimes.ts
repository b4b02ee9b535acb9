import { fileURLToPath } from "node:url";

export type Runtime = "bun" | "node";

/** Both runtimes of the product, by their programs. */
export const PROGRAMS: Readonly<Record<Runtime, string>> = {
  bun: process.execPath,
  node: fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url)),
};

/** As a reader calls them. */
export const RUNTIMES = { Bun: PROGRAMS.bun, Node: PROGRAMS.node };

/** On which of them journeys start the product: `RUNTIME=node` or `bun`; Bun when nothing is said. */
export function chosenRuntime(environment = process.env): Runtime {
  const chosen = environment["RUNTIME"] ?? "bun";
  if (chosen !== "bun" && chosen !== "node") throw new Error("RUNTIME is bun or node");
  return chosen;
}
