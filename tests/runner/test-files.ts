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

/** Folders whose files take long, each file a batch of its own; they come first, so that no worker ends with them. */
const LONG = ["tests/journeys/", "tests/model/", "tests/error-table/", "local/", "scf-functions/"];

/** Files that one process of the test runner takes: a long one alone, the others of a room together. */
export function batchesOf(files: readonly string[]): readonly (readonly string[])[] {
  const batches = new Map<string, string[]>();
  for (const path of [...files].sort((a, b) => rankOf(a) - rankOf(b))) {
    const name = rankOf(path) < LONG.length ? path : (path.split("/")[0] ?? path);
    batches.set(name, [...(batches.get(name) ?? []), path]);
  }
  return [...batches.values()];
}

function rankOf(path: string): number {
  const rank = LONG.findIndex((folder) => path.startsWith(folder));
  return rank === -1 ? LONG.length : rank;
}
