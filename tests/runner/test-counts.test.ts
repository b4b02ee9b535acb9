import { expect, test } from "bun:test";
import { countTests } from "./test-counts.ts";
import { batchesOf } from "./test-files.ts";

test("each test counts once; a hook counts when it failed, not when it was skipped", () => {
  const junit = `
    <testcase name="works" time="0.1" assertions="2" />
    <testcase name="breaks &gt; badly" time="0.1"><failure type="AssertionError" /></testcase>
    <testcase name="(unnamed)" time="0."><failure type="AssertionError" /></testcase>
    <testcase name="(unnamed)" time="0."><skipped /></testcase>
    <testcase name="has no server" time="0"><skipped /></testcase>`;

  expect(countTests(junit)).toEqual({ pass: 1, fail: 2, skip: 1 });
});

test("long files come first, each alone; then the api, folders of large rooms, and the others by room", () => {
  const files = [
    "api/a.test.ts",
    "api/x/b.test.ts",
    "db/tasks/c.test.ts",
    "db/users/d.test.ts",
    "tests/journeys/e.test.ts",
    "tests/runner/f.test.ts",
  ];

  expect(batchesOf(files)).toEqual([
    ["tests/journeys/e.test.ts"],
    ["api/a.test.ts", "api/x/b.test.ts"],
    ["db/tasks/c.test.ts"],
    ["db/users/d.test.ts"],
    ["tests/runner/f.test.ts"],
  ]);
});
