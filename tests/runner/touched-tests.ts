import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const IMPORTS = /from "(\.[^"]+)"|import\("(\.[^"]+)"\)/g;

/** The tests that stand in the folder of a changed file, or of a file that imports one; `files` are all sources. */
export function touchedTests(changed: readonly string[], files: readonly string[]): string[] {
  const isChanged = new Set(changed);
  const importers = files.filter((file) => importsOf(file).some((path) => isChanged.has(path)));
  const folders = new Set([...changed, ...importers].map((path) => dirname(path)));
  return files.filter((file) => file.endsWith(".test.ts") && folders.has(dirname(file)));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(IMPORTS)].map(([, plain = "", dynamic = ""]) =>
    normalize(join(dirname(file), plain || dynamic)),
  );
}
