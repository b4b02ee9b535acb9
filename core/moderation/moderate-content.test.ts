import { beforeEach, describe, expect, test } from "bun:test";
import { until } from "../../tests/until.ts";
import { EmbeddedCache } from "../../redis/embedded-cache.ts";
import { createModeration, type ReviewPolicy } from "./moderate-content.ts";
import { DrapeError, type ErrorCode } from "../model/errors.ts";
import { createLog } from "../resilience/log.ts";
import type { ContentVerdict } from "../ports/content-check.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { changeSettings, DEFAULT_TASK_SETTINGS } from "../model/task-settings.ts";

const about = { taskId: "task_1", what: "the prompt" };
const pass: ContentVerdict = { suggestion: "pass", label: "Normal" };
const review: ContentVerdict = { suggestion: "review", label: "Ad" };
const block: ContentVerdict = { suggestion: "block", label: "Porn" };
const failure = (code: ErrorCode) => new DrapeError(code, code, { operatorMessage: "look here" });

type Answer = ContentVerdict | DrapeError | ((signal: AbortSignal) => Promise<ContentVerdict>);

let answers: Answer[];
let calls: { readonly content: string; readonly dataId: string }[];
let lines: string[];
beforeEach(() => {
  [answers, calls, lines] = [[], [], []];
});

function open(policy: ReviewPolicy = "pass", triesMax = 3) {
  const log = createLog({
    format: "json",
    level: "all",
    write: (line) => void lines.push(line),
    nowMs: Date.now,
  });
  const answer = async (content: string, dataId: string, signal: AbortSignal) => {
    calls.push({ content, dataId });
    const next = answers.shift() ?? pass;
    if (next instanceof DrapeError) throw next;
    return typeof next === "function" ? next(signal) : next;
  };
  return createModeration({
    check: { text: answer, picture: answer },
    objects: { signedGetUrl: (key) => `https://bucket/${key}?signed` },
    cache: new EmbeddedCache(systemClock),
    clock: systemClock,
    log,
    settings: changeSettings(DEFAULT_TASK_SETTINGS, {
      retries: { triesMax, tryBackoffMs: 1 },
      circuits: { circuitResetMs: 30 },
    }),
    review: policy,
    random: { fraction: () => 0 },
  });
}

const running = () => new AbortController().signal;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof DrapeError ? error.code : String(error)),
  );

describe("what the service says", () => {
  test("passes without a doubt, or is rejected with what it was taken for", async () => {
    const moderation = open();
    answers = [pass, block];

    const passed = await moderation.words("a", about, running());
    const rejected: unknown = await moderation
      .words("b", about, running())
      .catch((e: unknown) => e);

    expect(passed).toEqual({ doubt: null });
    expect(rejected).toMatchObject({ code: "CONTENT_REJECTED" });
    expect(String(rejected)).toContain("the prompt (Porn)");
    expect(lines.join()).toContain("content rejected");
  });

  test("a doubt passes and is noted, or is a refusal, as it is configured", async () => {
    answers = [review, review];

    const passed = await open("pass").picture("t/1/a.jpg", about, running());
    const refused = await codeOf(open("block").picture("t/1/a.jpg", about, running()));

    expect([passed.doubt, refused]).toEqual(["Ad", "CONTENT_REJECTED"]);
    expect(lines.join()).toContain("content passed with a doubt");
  });

  test("is asked for once: what passed is remembered, with its doubt; what was rejected is not", async () => {
    const moderation = open();
    answers = [review, block, pass];

    const labels = [];
    for (const _ of [1, 2]) labels.push((await moderation.words("ad", about, running())).doubt);
    const later = [];
    for (const _ of [1, 2]) later.push(await codeOf(moderation.words("mended", about, running())));

    expect(labels).toEqual(["Ad", "Ad"]);
    expect(later).toEqual(["CONTENT_REJECTED", null]);
    expect(calls).toHaveLength(3);
  });

  test("a picture is asked about by a signed address and an id that the service takes", async () => {
    await open().picture("t/1/a.jpg", { taskId: "task_1", what: "image 2" }, running());

    expect(calls).toEqual([
      { content: "https://bucket/t/1/a.jpg?signed", dataId: "task_1-image-2" },
    ]);
  });
});

describe("a service that cannot be asked", () => {
  test("is tried three times, and then nothing passes", async () => {
    answers = Array.from({ length: 3 }, () => failure("CONTENT_CHECK_FAILED"));

    const moderation = open();
    const code = await codeOf(moderation.words("a", about, running()));
    const later = await codeOf(moderation.words("a", about, running()));

    expect([code, later]).toEqual(["CONTENT_CHECK_FAILED", null]);
    expect(calls).toHaveLength(4);
  });

  test("is left alone once its circuit is open, and asked again after a while", async () => {
    const moderation = open("pass", 1);
    answers = Array.from({ length: 5 }, () => failure("CONTENT_CHECK_FAILED"));
    for (const _ of answers.slice()) await codeOf(moderation.words("a", about, running()));

    const whileOpen = await codeOf(moderation.words("a", about, running()));
    const requested = calls.length;
    await until(async () => (await codeOf(moderation.words("a", about, running()))) === null);

    expect([whileOpen, requested]).toEqual(["UNAVAILABLE", 5]);
  });

  test("that refuses our keys is not tried again, and told once until it works", async () => {
    const moderation = open();
    const refused = failure("CONTENT_CHECK_CREDENTIALS");
    answers = [refused, refused, pass, refused];

    const codes = [];
    for (const text of ["a", "b", "c", "d"])
      codes.push(await codeOf(moderation.words(text, about, running())));

    expect(codes).toEqual([refused.code, refused.code, null, refused.code]);
    expect(lines.filter((line) => line.includes("look here"))).toHaveLength(2);
  });

  test("a check that its task gave up ends with the task's reason and says nothing about the service", async () => {
    const moderation = open("pass", 1);
    const reason = new DrapeError("LEASE_LOST", "gone");
    for (let count = 0; count < 8; count += 1) {
      const stop = new AbortController();
      answers = [
        (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(failure("CONTENT_CHECK_FAILED")));
            stop.abort(reason);
          }),
      ];
      expect(await codeOf(moderation.words("a", about, stop.signal))).toBe("LEASE_LOST");
    }

    expect(await codeOf(moderation.words("a", about, running()))).toBeNull();
  });

  test("stays at rest when the one check that looks whether it is well again is given up by its task", async () => {
    const moderation = open("pass", 1);
    answers = Array.from({ length: 5 }, () => failure("CONTENT_CHECK_FAILED"));
    for (const _ of answers.slice()) await codeOf(moderation.words("a", about, running()));

    await until(async () => {
      const stop = new AbortController();
      answers = [
        (signal) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(failure("CONTENT_CHECK_FAILED")));
            stop.abort(new DrapeError("LEASE_LOST", "gone"));
          }),
      ];
      return (await codeOf(moderation.words("a", about, stop.signal))) === "LEASE_LOST";
    });
    const after = await codeOf(moderation.words("a", about, running()));

    expect([after, calls.length]).toEqual(["UNAVAILABLE", 6]);
  });
});
