import { expect, test } from "bun:test";
import { freshId } from "./ids.fixture.ts";

test("ids sort by time, are unique and take no character that a job id refuses", () => {
  const early = Array.from({ length: 500 }, () => freshId("task", 1_700_000_000_000));
  const late = freshId("task", 1_700_000_000_001);

  expect(new Set(early).size).toBe(500);
  expect(early.every((id) => id < late)).toBe(true);
  expect(late).toMatch(/^task_[0-9a-hjkmnp-tv-z]{26}$/);
});
