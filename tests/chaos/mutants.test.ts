import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "bun:test";
import { MUTANTS } from "./mutants.ts";

const PROJECT = resolve(import.meta.dir, "../..");
const CONTRACTS = "core/ports/contracts";
const read = (file: string) => readFileSync(resolve(PROJECT, file), "utf8");
/** Tests of an adapter stand in its port's contract suites. */
const contracts = readdirSync(resolve(PROJECT, CONTRACTS))
  .filter((file) => file.endsWith(".contract.ts"))
  .map((file) => read(`${CONTRACTS}/${file}`))
  .join("\n");

describe("the planted bugs", () => {
  for (const { name, edits, file, test: title } of MUTANTS) {
    test(`${name}: its place and its test are still there`, () => {
      const counts = edits.map(({ file: path, find }) => read(path).split(find).length - 1);

      expect(counts).toEqual(edits.map(() => 1));
      expect(read(file) + contracts).toContain(title);
    });
  }
});
