import { createHash } from "node:crypto";
import pLimit from "p-limit";
import { z } from "zod";
import { asDrapeError, DrapeError, ERRORS } from "../model/errors.ts";
import { createPortCircuit, InconclusiveResult } from "../resilience/circuit.ts";
import type { Cache } from "../ports/cache.ts";
import type { ObjectStore } from "../ports/cloud.ts";
import type { Clock } from "../ports/clock.ts";
import { CONTENT_LIMITS, type ContentCheck, type ContentVerdict } from "../ports/content-check.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { TaskSettings } from "../model/task-settings.ts";
import { parseJsonAs } from "../resilience/parse-json.ts";
import { retry } from "../resilience/retry.ts";

/** What must be let through before anything is made of it, or given to anybody. */
export interface Moderation {
  /** Throws CONTENT_REJECTED, or what kept it from being checked: nothing passes unchecked. */
  words(text: string, about: About, signal: AbortSignal): Promise<Passed>;
  /** An object of ours; the same key always has the same content. */
  picture(key: string, about: About, signal: AbortSignal): Promise<Passed>;
}

type About = { readonly taskId: string; readonly what: string };

/** What a person should look at though it passed: the service's label. Null where there is no doubt. */
export type Passed = { readonly doubt: string | null };

/** What becomes of that of which the service says that a person should look at it. */
export type ReviewPolicy = "pass" | "block";

export type ModerationDeps = {
  readonly check: ContentCheck;
  readonly objects: Pick<ObjectStore, "signedGetUrl">;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Pick<TaskSettings, "retries" | "circuits">;
  readonly review: ReviewPolicy;
  readonly random: Pick<Random, "fraction">;
};

/** Calls in flight from one process, and how long one may take. */
const CONCURRENCY = 8;
const CALL_LIMIT_MS = 10_000;
/** As long as a task may wait: its next attempt does not ask again about the same words and photos. */
const REMEMBERED_MS = 2 * 3_600_000;

type CheckCall = (signal: AbortSignal) => Promise<ContentVerdict>;
type CheckRequest = { readonly name: string; readonly about: About; readonly signal: AbortSignal };

/** Every check goes `retry( limit( circuit( call ) ) )`, as the calls of functions do. */
export function createModeration(deps: ModerationDeps): Moderation {
  const { check, objects, clock, log, settings } = deps;
  const limit = pLimit(CONCURRENCY);
  const circuit = createPortCircuit({
    name: "content check",
    log,
    resetMs: settings.circuits.circuitResetMs,
  });
  const logForOperator = createOperatorLog(log);

  async function checkOnce(call: CheckCall, signal: AbortSignal): Promise<ContentVerdict> {
    signal.throwIfAborted();
    const bounded = AbortSignal.any([signal, clock.deadline(CALL_LIMIT_MS)]);
    const verdict = await circuit.run(async () => {
      try {
        return await call(bounded);
      } catch (error) {
        // Given up by its task, which says nothing about the service.
        throw signal.aborted
          ? new InconclusiveResult("given up by its task", { cause: error })
          : error;
      }
    });
    logForOperator(null);
    return verdict;
  }

  async function checkPatiently(call: CheckCall, signal: AbortSignal): Promise<ContentVerdict> {
    const policy = {
      runsMax: settings.retries.triesMax,
      baseMs: settings.retries.tryBackoffMs,
      signal,
      isWorthIt: (error: unknown) => !signal.aborted && isWorthAnotherTry(asDrapeError(error)),
    };
    try {
      return await retry(deps, policy, () => limit(() => checkOnce(call, signal)));
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asDrapeError(thrown);
      logForOperator(error);
      throw error;
    }
  }

  async function judge({ name, about, signal }: CheckRequest, call: CheckCall): Promise<Passed> {
    const known = await recall(deps.cache, name);
    const verdict = known ?? (await checkPatiently(call, signal));
    const passed = passedOrThrow(deps, verdict, about);
    // Only what passed is remembered: a list of refused words may be mended.
    if (known === null) await deps.cache.set(name, JSON.stringify(verdict), REMEMBERED_MS);
    return passed;
  }

  return {
    words(text, about, signal) {
      const name = `content:words:${createHash("sha256").update(text).digest("hex")}`;
      return judge({ name, about, signal }, (bounded) =>
        check.text(text, dataIdOf(about), bounded),
      );
    },
    picture(key, about, signal) {
      return judge({ name: `content:picture:${key}`, about, signal }, (bounded) =>
        check.picture(objects.signedGetUrl(key, clock.nowMs()), dataIdOf(about), bounded),
      );
    },
  };
}

function isWorthAnotherTry({ code }: DrapeError): boolean {
  return code === "CONTENT_CHECK_FAILED" || code === "CONTENT_CHECK_BUSY";
}

function passedOrThrow(
  { review, log }: Pick<ModerationDeps, "review" | "log">,
  { suggestion, label }: ContentVerdict,
  { taskId, what }: About,
): Passed {
  if (suggestion === "pass") return { doubt: null };
  const passed = suggestion === "review" && review === "pass";
  const facts = { task: taskId, what, label };
  log.info(passed ? "content passed with a doubt" : "content rejected", facts);
  if (passed) return { doubt: label };
  throw new DrapeError("CONTENT_REJECTED", `The content check rejected ${what} (${label}).`, {
    ran: "yes",
  });
}

/** One loud message when the operator has to mend something, and no second one until a check went well. */
function createOperatorLog(log: Log): (error: DrapeError | null) => void {
  let loggedCode: string | null = null;
  return (error) => {
    if (error === null) loggedCode = null;
    if (error === null || ERRORS[error.code].outcome !== "pause" || loggedCode === error.code)
      return;
    loggedCode = error.code;
    const message = error.operatorMessage ?? error.message;
    log.failure(`the content check is not available: ${message}`, null, { code: error.code });
  };
}

const verdictSchema = z.object({
  suggestion: z.enum(["pass", "review", "block"]),
  label: z.string(),
});

async function recall(cache: Cache, name: string): Promise<ContentVerdict | null> {
  const text = await cache.get(name);
  return text === null ? null : parseJsonAs(verdictSchema, text);
}

function dataIdOf({ taskId, what }: About): string {
  return `${taskId}-${what}`.replace(/[^\w@#-]+/g, "-").slice(0, CONTENT_LIMITS.dataIdCharsMax);
}
