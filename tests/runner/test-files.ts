import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

const NOT_OURS = new Set(["node_modules", "dist", "out", ".data", ".git"]);

/** Paths of all test files below `folder`, relative to it. */
export function testFiles(folder: string): readonly string[] {
  const found: string[] = [];
  const walk = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) walk(path);
      if (entry.isFile() && entry.name.endsWith(".test.ts")) found.push(relative(folder, path));
    }
  };
  walk(folder);
  return found.sort();
}

/** What takes longest comes first, so that no worker ends with it: each of these files is a batch of its own. */
const ALONE = ["tests/journeys/", "tests/model/", "tests/error-table/"];
/** Rooms that are one long batch, and those of which each folder is one; of all others the whole room is. */
const WHOLE = ["api/"];
const BY_FOLDER = ["local/", "scf-functions/", "db/"];

/** Files that one process of the test runner takes; a process costs half a second before its first test. */
export function batchesOf(files: readonly string[]): readonly (readonly string[])[] {
  const batches = new Map<string, string[]>();
  for (const path of [...files].sort((a, b) => rankOf(a) - rankOf(b))) {
    const name = batchOf(path);
    batches.set(name, [...(batches.get(name) ?? []), path]);
  }
  return [...batches.values()];
}

function batchOf(path: string): string {
  if (ALONE.some((folder) => path.startsWith(folder))) return path;
  const [room = "", folder = ""] = path.split("/");
  return BY_FOLDER.includes(`${room}/`) ? `${room}/${folder}` : room;
}

function rankOf(path: string): number {
  const order = [...ALONE, ...WHOLE, ...BY_FOLDER];
  const rank = order.findIndex((folder) => path.startsWith(folder));
  return rank === -1 ? order.length : rank;
}
