import { mkdtempSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildFunctions } from "../scf-functions/deploy/build-functions.ts";

/** The variable by which tests/run-tests.ts names the bundles that it built for a whole run. */
export const BUILT_FUNCTIONS = "DRAPE_TEST_FUNCTIONS";

const NODE_MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));

/** Builds the three bundles into a new folder below `parent`, where they find sharp; gives that folder. */
export async function buildForTests(parent: string): Promise<string> {
  const folder = mkdtempSync(join(parent, "built-"));
  symlinkSync(NODE_MODULES, join(folder, "node_modules"), "dir");
  const functionsDir = join(folder, "functions");
  await buildFunctions(functionsDir);
  return functionsDir;
}

/** The option that gives an emulated cloud the run's own bundles; none when a file runs alone, and it builds them itself. */
export function builtFunctions(environment = process.env): { readonly functionsDir?: string } {
  const functionsDir = environment[BUILT_FUNCTIONS];
  return functionsDir === undefined ? {} : { functionsDir };
}
