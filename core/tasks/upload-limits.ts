import type { Deps } from "../deps.ts";
import { DrapeError } from "../model/errors.ts";
import type { ImageSource } from "../model/task.ts";
import type { RatePolicy, RateVerdict } from "../ports/rate-limiter.ts";

type LimitDeps = Pick<Deps, "rateLimiter" | "settings">;

/** So long a form takes its photo (`signedUploadForm`). */
const FORM_LIFE_MS = 600_000;
const DAY_MS = 86_400_000;
/** Bytes are counted by the kilobyte, so that no count loses its last digits. */
const KILOBYTE = 1_000;

/**
 * Counts a form for a photo of at most `bytes`. Throws TOO_MANY_UPLOADS while too many forms are open, that is neither
 * named in a task nor expired, and when the customer's bytes of a day are spent. While the limiter is away everybody
 * may go on.
 */
export async function admitUploadForm(deps: LimitDeps, userId: string, bytes: number) {
  const forms = formsOf(deps);
  const opened = await taken(deps.rateLimiter.take(formsKey(userId), forms));
  if (opened !== null && !opened.allowed) throw tooManyForms(forms.limit, opened);
  try {
    await admitUploadBytes(deps, userId, bytes);
  } catch (error) {
    await giveBack(deps, userId, 1);
    throw error;
  }
}

/** Counts what a customer hands us to store. Throws TOO_MANY_UPLOADS when that of a day is spent. */
export async function admitUploadBytes(deps: LimitDeps, userId: string, bytes: number) {
  const { dailyUploadMegabytes } = deps.settings.limits;
  const policy = { limit: dailyUploadMegabytes * KILOBYTE, windowMs: DAY_MS };
  const cost = Math.ceil(bytes / KILOBYTE);
  const verdict = await taken(deps.rateLimiter.take(`upload-bytes:${userId}`, policy, cost));
  if (verdict !== null && !verdict.allowed) throw tooManyBytes(dailyUploadMegabytes, verdict);
}

/**
 * A task names these uploads: their forms are open no more. Each counts once, however many tasks name it. Never throws:
 * what is not counted out here expires.
 */
export async function closeUploadForms(
  deps: LimitDeps,
  userId: string,
  sources: readonly ImageSource[],
): Promise<void> {
  const keys = new Set(sources.flatMap((source) => ("key" in source ? [source.key] : [])));
  const once = { limit: 1, windowMs: DAY_MS };
  const verdicts = [...keys]
    .filter((key) => /\/up\/img_[^/]+$/.test(key))
    .map((key) => taken(deps.rateLimiter.take(`upload-named:${key}`, once)));
  const first = (await Promise.all(verdicts)).filter((verdict) => verdict?.allowed === true);
  if (first.length > 0) await giveBack(deps, userId, first.length);
}

const formsKey = (userId: string): string => `upload-forms:${userId}`;

function formsOf({ settings }: LimitDeps): RatePolicy {
  return { limit: settings.limits.openUploads, windowMs: FORM_LIFE_MS };
}

async function giveBack(deps: LimitDeps, userId: string, count: number): Promise<void> {
  await taken(deps.rateLimiter.take(formsKey(userId), formsOf(deps), -count));
}

/** Null while the limiter is away. */
function taken(verdict: Promise<RateVerdict>): Promise<RateVerdict | null> {
  return verdict.catch(() => null);
}

function tooManyForms(limit: number, { retryAfterMs }: RateVerdict): DrapeError {
  return new DrapeError(
    "TOO_MANY_UPLOADS",
    `You may have ${limit} open upload forms: name the photos that you uploaded in tasks, or wait until forms expire (${FORM_LIFE_MS / 60_000} minutes).`,
    { retryAfterMs, details: { limit } },
  );
}

function tooManyBytes(megabytes: number, { retryAfterMs }: RateVerdict): DrapeError {
  return new DrapeError(
    "TOO_MANY_UPLOADS",
    `You may upload ${megabytes} MB a day: wait as long as Retry-After says, and say \`bytes\` with each form, since one without counts as the largest photo.`,
    { retryAfterMs, details: { limitMegabytes: megabytes } },
  );
}
