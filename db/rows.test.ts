import { describe, expect, test } from "bun:test";
import {
  degradationsOf,
  missedResults,
  processedPhotos,
  promptOf,
} from "../core/model/task-results.ts";
import type { StepName, StepRecord, StepState } from "../core/model/step-results.ts";
import type { TaskType } from "../core/model/task.ts";
import { taskOf } from "./rows.ts";
import type { StepRow, TaskRow } from "./schema.ts";

/** The texts are as older versions wrote them, letter by letter: they stay as they are when the product changes. */
describe("a task whose rows an older version wrote", () => {
  test("has its prompt, with nothing to avoid where nothing was said of it", () => {
    const text =
      '{"garment":{"type":"shirt","colors":["red"],"pattern":"solid"},"promptZh":"一件红色衬衫","promptEn":"a red shirt","model":"m","usage":{"promptTokens":1,"completionTokens":1}}';

    const prompt = promptOf(taskWith(stepRow("prompt", "done", text)));

    expect(prompt).toEqual({
      promptZh: "一件红色衬衫",
      promptEn: "a red shirt",
      garment: { type: "shirt", colors: ["red"], pattern: "solid" },
      avoid: [],
    });
  });

  test("has the template for its prompt, and says why", () => {
    const text =
      '{"promptZh":"服装","promptEn":"a garment","usedInstead":"a template prompt","creditsReturned":1,"reason":"CIRCUIT_OPEN"}';
    const task = taskWith(stepRow("prompt", "degraded", text));

    expect(promptOf(task)).toEqual({
      promptZh: "服装",
      promptEn: "a garment",
      garment: null,
      avoid: [],
    });
    expect(degradationsOf(task)).toEqual([
      {
        step: "prompt",
        index: 0,
        reason: "CIRCUIT_OPEN",
        usedInstead: "a template prompt",
        creditsReturned: 1,
      },
    ]);
  });

  test("has its photos, without copies where none were asked for", () => {
    const text =
      '{"key":"t/1/processed-0.jpg","width":64,"height":64,"bytes":900,"format":"jpeg","sourceBytes":1200}';

    const photos = processedPhotos(
      taskWith(
        stepRow("preprocess", "done", text, 1),
        stepRow("preprocess", "done", text),
        stepRow("preprocess", "missed", '{"code":"IMAGE_UNREADABLE","message":"no picture"}', 2),
      ),
    );

    expect(photos.map(({ index, variants }) => [index, variants])).toEqual([
      [0, []],
      [1, []],
    ]);
  });

  test("says what is missing for good, in order, and nothing of what went as it should", () => {
    const image =
      '{"id":"img_1","index":1,"key":"t/1/generate-1.jpg","width":64,"height":64,"bytes":900,"format":"jpeg","provider":"ark"}';
    const missed = '{"code":"CONTENT_REJECTED","message":"rejected"}';
    const task = taskWith(
      stepRow("generate", "missed", missed, 2),
      stepRow("generate", "done", image, 1),
      stepRow("generate", "missed", missed, 0),
      stepRow("generate", "asked", null, 3),
    );

    expect(missedResults(task)).toEqual([
      { index: 0, code: "CONTENT_REJECTED", message: "rejected" },
      { index: 2, code: "CONTENT_REJECTED", message: "rejected" },
    ]);
    expect(degradationsOf(task)).toEqual([]);
  });
});

function stepRow(step: StepName, state: StepState, result: string | null, idx = 0): StepRow {
  const times = { askedAt: 0, askLimitMs: 0, durationMs: 5, finishedAt: 1 };
  const counts = { fence: 1, asks: 0, unknowns: 0, failures: 0, priceCredits: 0 };
  return { taskId: "task_1", step, idx, state, result, ...times, ...counts };
}

function taskWith(...steps: StepRow[]): {
  readonly type: TaskType;
  readonly steps: readonly StepRecord[];
} {
  const type = steps[0]?.step === "preprocess" ? "PREPROCESS_ONLY" : "FULL_GENERATION";
  const texts = { input: "{}", sources: "[]", prices: "{}", metadata: "{}", error: null };
  const row = { id: "task_1", type, status: "running", ...texts } as TaskRow; // the rest is not looked at
  return taskOf(row, { steps, images: [], resolution: undefined });
}
