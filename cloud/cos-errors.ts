import { z } from "zod";
import { DrapeError } from "../core/model/errors.ts";

/** What was asked of the store, for the messages. */
export type StorageAct = {
  readonly verb: "written" | "read" | "looked up" | "deleted";
  readonly key: string;
  readonly bucket: string;
  readonly region: string;
};

/** API errors are `Error`s; HEAD errors and transport errors are plain objects with the same members. */
const cosErrorSchema = z.object({
  code: z.coerce.string().catch(""),
  statusCode: z.number().optional().catch(undefined),
  message: z.string().catch(""),
  RequestId: z.string().optional().catch(undefined),
  headers: z
    .object({
      date: z.string().optional().catch(undefined),
      "x-cos-request-id": z.string().optional().catch(undefined),
    })
    .catch({})
    .default({}),
});
type CosErrorFacts = z.infer<typeof cosErrorSchema>;

const CLOCK = "Set this machine's clock: the store says that the signature's time is over.";
/** A HEAD is refused without a word: then the clock is to blame when the store's own is so far away. */
const SKEW_MAX_MS = 5 * 60_000;
const BUCKET = "Check COS_BUCKET (with its APPID) and TENCENTCLOUD_REGION.";
const RIGHTS =
  "Check COS_BUCKET, and that the key of TENCENTCLOUD_SECRET_ID may read and write this bucket.";

/** COS codes (436/7730) that are the operator's to mend, with what to look at. */
const CREDENTIAL_HINTS: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch: "Check TENCENTCLOUD_SECRET_KEY.",
  InvalidAccessKeyId: "Check TENCENTCLOUD_SECRET_ID.",
  InvalidSecretId: "Check TENCENTCLOUD_SECRET_ID.",
  AccessDenied: RIGHTS,
  RequestTimeTooSkewed: CLOCK,
  NoSuchBucket: BUCKET,
  // A HEAD answer has no body, so the status is all that is known.
  "403": `Check TENCENTCLOUD_SECRET_KEY and TENCENTCLOUD_SECRET_ID. ${RIGHTS}`,
};

/** Anything that the COS SDK rejected with, as the one DrapeError; `nowMs` is this machine's time. */
export function storageErrorOf(error: unknown, act: StorageAct, nowMs: number): DrapeError {
  if (error instanceof DrapeError) return error;
  const facts = factsOf(error);
  const hint = isClocks(facts, nowMs) ? CLOCK : CREDENTIAL_HINTS[facts.code];
  const words = [facts.code, facts.message, facts.RequestId && `request ${facts.RequestId}`];
  const platform = `The store said: ${words.filter(Boolean).join(", ").slice(0, 500)} (bucket ${act.bucket}, region ${act.region}).`;
  if (hint !== undefined) {
    const what = hint === CLOCK ? "requests, since a clock is wrong" : "keys";
    return new DrapeError("STORAGE_CREDENTIALS", `The object store refuses our ${what}.`, {
      operatorMessage: `${hint} ${platform}`,
      cause: error,
    });
  }
  return storageFailure(act, platform, error);
}

/** A failure that is worth another try; the object may have been written all the same. */
export function storageFailure(act: StorageAct, operatorMessage: string, cause?: unknown) {
  return new DrapeError("STORAGE_FAILED", `The object ${act.key} could not be ${act.verb}.`, {
    ran: "unknown",
    operatorMessage,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Whether a refusal is about the time of the signature and not about its keys. */
function isClocks({ code, message, headers }: CosErrorFacts, nowMs: number): boolean {
  if (code === "RequestTimeTooSkewed") return true;
  if (code === "AccessDenied") return message.includes("expired");
  const theirsMs = Date.parse(headers.date ?? "");
  return code === "403" && Math.abs(theirsMs - nowMs) > SKEW_MAX_MS;
}

/**
 * Throws STORAGE_FAILED for an answer that is none of the store's, such as the page of a proxy or a captive portal: it
 * proves nothing of the object.
 */
export function checkIsStores(headers: unknown, act: StorageAct): void {
  const facts = factsOf({ headers });
  if (facts.headers["x-cos-request-id"] !== undefined) return;
  const what =
    "The answer lacks x-cos-request-id: it came from something between us and the store.";
  throw storageFailure(act, `${what} (bucket ${act.bucket}, region ${act.region}).`);
}

/**
 * No such object, by the store's own word. A missing bucket is none of that: reading "nothing" from it would hide a wrong
 * COS_BUCKET.
 */
export function isMissingObject(error: unknown): boolean {
  const { code, headers } = factsOf(error);
  return code === "NoSuchKey" || (code === "404" && headers["x-cos-request-id"] !== undefined);
}

/** A range was asked of an object that is empty. */
export function isEmptyObject(error: unknown): boolean {
  const { code } = factsOf(error);
  return code === "InvalidRange" || code === "416";
}

function factsOf(error: unknown): CosErrorFacts {
  const { data } = cosErrorSchema.safeParse(error);
  return data ?? { code: "", message: String(error), headers: {} };
}
