import { z } from "zod";
import type { FunctionAnswer } from "../../core/function-schemas/function-answer.ts";
import { FunctionError, toFailure } from "./function-error.ts";

/** What a function gets beside its event. */
export type FunctionTools = {
  readonly requestId: string;
  /** Aborts a little before the platform would kill the function. */
  readonly signal: AbortSignal;
  /** Milliseconds until `signal` aborts; never below 0. */
  remainingMs(): number;
};

type FunctionDefinition<S extends z.ZodType, R> = {
  readonly eventSchema: S;
  readonly run: (event: z.output<S>, tools: FunctionTools) => Promise<R>;
  /** Whether a provider may have been asked when its time is over: then nobody knows what that one did. */
  readonly callsProvider: boolean;
  /** Words for the log line: an action, a key. Never a prompt, a URL or anything secret. */
  readonly describe?: (event: z.output<S>) => Readonly<Record<string, string>>;
  /** Where the log line goes; by default the standard output, which the platform collects. */
  readonly writeLine?: (line: string) => void;
};

/** The platform's context, as far as we read it (SCF documents snake_case names). */
const contextSchema = z
  .object({
    request_id: z.string().catch("unknown"),
    function_name: z.string().catch("unknown"),
    time_limit_in_ms: z.number().int().positive().catch(30_000),
  })
  .catch({ request_id: "unknown", function_name: "unknown", time_limit_in_ms: 30_000 });

/** Kept back from the time limit, so that the function answers itself: 5 %, at most 2 s. */
const marginMs = (timeLimitMs: number) => Math.min(2_000, timeLimitMs * 0.05);

/**
 * Makes a `main_handler`: checks the event, gives `run` a deadline, turns a thrown `FunctionError` into
 * `{ ok: false, failure }` and writes one JSON log line a call. Any other error is logged and thrown on,
 * which the platform reports as status 430. A `run` that overlooks its deadline is answered for
 * (FUNCTION_TIMEOUT, or PROVIDER_TIMEOUT where one may have been asked; ran "unknown") just before the platform's limit.
 */
export function defineFunction<S extends z.ZodType, R>(definition: FunctionDefinition<S, R>) {
  const writeLine = definition.writeLine ?? ((line) => void process.stdout.write(`${line}\n`));

  return async (event: unknown, context: unknown): Promise<FunctionAnswer<R>> => {
    const startedAt = performance.now();
    const platform = contextSchema.parse(context);
    const fields: Record<string, unknown> = {
      function: platform.function_name,
      requestId: platform.request_id,
    };
    const log = (outcome: Record<string, unknown>) =>
      writeLine(
        JSON.stringify({ ...fields, ms: Math.round(performance.now() - startedAt), ...outcome }),
      );

    try {
      const checked = parseEvent(definition.eventSchema, event);
      Object.assign(fields, definition.describe?.(checked));
      const code = definition.callsProvider ? "PROVIDER_TIMEOUT" : "FUNCTION_TIMEOUT";
      const limit = { limitMs: platform.time_limit_in_ms, startedAt, code } as const;
      const result = await runInTime(limit, (signal, remainingMs) =>
        definition.run(checked, { requestId: platform.request_id, signal, remainingMs }),
      );
      log({ code: "OK" });
      return { ok: true, result };
    } catch (error) {
      if (!(error instanceof FunctionError)) {
        log({ code: "CRASHED", error: describeError(error) });
        throw error;
      }
      const failure = toFailure(error);
      log({ code: failure.code, ran: failure.ran, providerCode: failure.providerCode });
      return { ok: false, failure };
    }
  };
}

function parseEvent<S extends z.ZodType>(schema: S, event: unknown): z.output<S> {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  const issue = deepestIssue(parsed.error.issues, []);
  throw new FunctionError("EVENT_INVALID", `The event is invalid at ${issue}.`);
}

/** "/source/url: ..." : a union's own issue says little, so its first option's issue is told. */
function deepestIssue(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[]): string {
  const [issue] = issues;
  if (issue === undefined) return "/";
  const path = [...above, ...issue.path];
  const inner = issue.code === "invalid_union" ? issue.errors[0] : undefined;
  if (inner !== undefined && inner.length > 0) return deepestIssue(inner, path);
  return `/${path.map(String).join("/")}: ${issue.message}`;
}

type Limit = {
  readonly limitMs: number;
  readonly startedAt: number;
  readonly code: "FUNCTION_TIMEOUT" | "PROVIDER_TIMEOUT";
};

async function runInTime<R>(
  { limitMs, startedAt, code }: Limit,
  run: (signal: AbortSignal, remainingMs: () => number) => Promise<R>,
): Promise<R> {
  const margin = marginMs(limitMs);
  const endsAt = startedAt + limitMs - margin;
  const remainingMs = () => Math.max(0, endsAt - performance.now());
  const controller = new AbortController();
  const abort = setTimeout(() => controller.abort(), remainingMs());
  let answer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const say = () =>
      reject(
        new FunctionError(code, "The function ran out of its time.", {
          ran: "unknown",
        }),
      );
    answer = setTimeout(say, remainingMs() + margin / 2);
  });
  try {
    return await Promise.race([run(controller.signal, remainingMs), tooLate]);
  } finally {
    clearTimeout(abort);
    clearTimeout(answer);
  }
}

function describeError(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.slice(0, 2000);
}
