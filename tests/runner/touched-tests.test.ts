import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { touchedTests } from "./touched-tests.ts";

test("a change is tested where it stands and where it is imported, not elsewhere", () => {
  const folder = mkdtempSync(join(tmpdir(), "drape-touched-"));
  const texts = {
    "a/one.ts": "",
    "a/one.test.ts": "",
    "b/two.ts": 'import { one } from "../a/one.ts";',
    "b/two.test.ts": "",
    "c/three.test.ts": "",
  };
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const all = Object.keys(texts).map((path) => join(folder, path));

  const found = touchedTests([join(folder, "a/one.ts")], all);

  expect(found).toEqual([join(folder, "a/one.test.ts"), join(folder, "b/two.test.ts")]);
  rmSync(folder, { recursive: true });
});
