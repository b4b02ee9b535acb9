import { expect, test } from "bun:test";
import { contractTable } from "./contract-table.ts";

const suite = (name: string, tests: number) =>
  `<testsuite name="${name}" file="x.test.ts" line="3" tests="${tests}" assertions="9">`;

test("each port has a line with its adapters and their counts", () => {
  const { text, even } = contractTable(
    [suite("Cache on memory", 4), suite("Cache on Redis", 4), suite("the demo on time", 2)].join(
      "",
    ),
  );

  expect(text).toContain("Cache            memory 4   Redis 4");
  expect(text).not.toContain("demo");
  expect(even).toBe(true);
});

test("an adapter that ran fewer tests is noticed", () => {
  const { even } = contractTable(
    [suite("Cache on memory", 4), suite("Cache on Redis", 3)].join(""),
  );

  expect(even).toBe(false);
});
