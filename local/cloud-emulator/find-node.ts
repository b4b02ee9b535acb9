import { accessSync, constants } from "node:fs";
import { basename, delimiter, join } from "node:path";

/**
 * The host's Node, which runs the functions as the cloud does. `bun --bun` puts a folder with a false `node` in
 * front of PATH (`bun-node-...`): that one is passed over, and so is the project's own newer one. Throws, saying what to install, when there is none.
 */
export function findNode(path: string): string {
  if (!("bun" in process.versions)) return process.execPath;
  for (const folder of path.split(delimiter)) {
    if (folder === "" || basename(folder).startsWith("bun-node")) continue;
    // npm scripts have the project's second runtime in front, which is newer than the cloud's.
    if (folder.endsWith(join("node_modules", ".bin"))) continue;
    const candidate = join(folder, process.platform === "win32" ? "node.exe" : "node");
    if (isExecutable(candidate)) return candidate;
  }
  throw new Error(
    "The cloud functions run on Node: install Node 20 or later and put `node` on PATH.",
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
