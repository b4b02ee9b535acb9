import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The size of all files below a folder; 0 when it is not there. */
export function folderBytes(folder: string): number {
  const files = readFolder(folder).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => statSync(join(parentPath, name), { throwIfNoEntry: false }))
    .reduce((sum, facts) => sum + (facts?.size ?? 0), 0);
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
}
