import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { DrapeError, type ErrorCode } from "../../model/errors.ts";
import { CONTENT_LIMITS, type ContentCheck } from "../content-check.ts";

export type ContentCheckSubject = {
  readonly check: ContentCheck;
  /** A picture that the service can read, and one that is none. */
  readonly pictureUrl: string;
  readonly noPictureUrl: string;
  /** What the service says of texts or of picture addresses with this in them. */
  rule(kind: "text" | "picture", match: string, suggestion: "Review" | "Block"): void;
  /** The next call is answered with this API error, with this HTTP status, never, or with what is no JSON. */
  fail(how: { code: string } | { status: number } | "hang" | "garbage"): void;
  /** The texts and ids that the service has seen. */
  seen(): string;
  reset(): void;
  close(): Promise<void>;
};

/** What every ContentCheck promises. */
export function contentCheckContract(name: string, open: () => Promise<ContentCheckSubject>): void {
  describe(`ContentCheck on ${name}`, () => {
    let subject: ContentCheckSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterEach(() => subject.reset());
    afterAll(() => subject.close());
    const text = (words: string, signal = bounded()) => subject.check.text(words, "task_1", signal);
    const picture = (url: string, signal = bounded()) =>
      subject.check.picture(url, "task_1", signal);

    test("texts pass, are doubtful or are blocked, in Chinese as well and up to the longest", async () => {
      subject.rule("text", "赌博", "Block");
      subject.rule("text", "cheap watches", "Review");
      const longest = "衣".repeat(CONTENT_LIMITS.textCharsMax);

      const verdicts = [];
      for (const words of ["一条红色连衣裙", "buy cheap watches now", "网络赌博", longest]) {
        verdicts.push((await text(words)).suggestion);
      }

      expect(verdicts).toEqual(["pass", "review", "block", "pass"]);
    });

    test("pictures pass, are doubtful or are blocked, with what they were taken for", async () => {
      const { pictureUrl, rule } = subject;

      const clean = await picture(pictureUrl);
      rule("picture", pictureUrl, "Review");
      const doubtful = await picture(pictureUrl);
      rule("picture", pictureUrl, "Block");
      const bad = await picture(pictureUrl);

      expect([clean.suggestion, doubtful.suggestion, bad.suggestion]).toEqual([
        "pass",
        "review",
        "block",
      ]);
      expect(bad.label).not.toBe("");
      expect(subject.seen()).toContain("task_1");
    });

    test("what is no picture is IMAGE_UNREADABLE", async () => {
      const error = await errorOf(picture(subject.noPictureUrl));

      expect(error.code).toBe("IMAGE_UNREADABLE");
    });

    test("a picture that cannot be fetched has not been checked", async () => {
      const error = await errorOf(picture(`${subject.pictureUrl}.gone`));

      expect(error.code).toBe("CONTENT_CHECK_FAILED");
    });

    const meanings: readonly (readonly [{ code: string } | { status: number }, ErrorCode])[] = [
      [{ code: "RequestLimitExceeded.UinLimitExceeded" }, "CONTENT_CHECK_BUSY"],
      [{ code: "InternalError.InternalError" }, "CONTENT_CHECK_FAILED"],
      [{ code: "SomethingNew" }, "CONTENT_CHECK_FAILED"],
      [{ code: "AuthFailure.SecretIdNotFound" }, "CONTENT_CHECK_CREDENTIALS"],
      [{ code: "UnauthorizedOperation.Unauthorized" }, "CONTENT_CHECK_CREDENTIALS"],
      [{ status: 502 }, "CONTENT_CHECK_FAILED"],
      [{ status: 429 }, "CONTENT_CHECK_BUSY"],
    ];
    for (const [how, code] of meanings) {
      test(`${JSON.stringify(how)} is ${code}, with what the operator needs and not what was sent`, async () => {
        subject.fail(how);

        const error = await errorOf(text("canary words"));

        expect(error.code).toBe(code);
        expect(error.operatorMessage).toBeTruthy();
        expect(`${error.message} ${error.operatorMessage}`).not.toContain("canary");
      });
    }

    test("an answer that is no JSON, and one that never comes, are failures", async () => {
      subject.fail("garbage");
      const garbage = await errorOf(text("words"));
      subject.fail("hang");
      const late = await errorOf(text("words", AbortSignal.timeout(100)));

      expect([garbage.code, late.code]).toEqual(["CONTENT_CHECK_FAILED", "CONTENT_CHECK_FAILED"]);
    });
  });
}

const bounded = () => AbortSignal.timeout(60_000);

async function errorOf(work: Promise<unknown>): Promise<DrapeError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof DrapeError))
    throw new Error(`a DrapeError was expected: ${String(error)}`);
  return error;
}
