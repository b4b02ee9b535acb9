import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Revision } from "./deployed-function.ts";
import type { PoolEnd } from "./function-pool.ts";
import type { FunctionRegistry } from "./function-registry.ts";
import type { EntryLog, InvocationEntry } from "../entry-log.ts";
import { EVENT_BYTES_MAX, STATUS_WORDS } from "./scf-limits.ts";
import type { Fault, Faults } from "./scf-faults.ts";

/** What goes back over the wire. */
export type Reply =
  | { readonly kind: "response"; readonly members: Readonly<Record<string, unknown>> }
  | { readonly kind: "raw"; readonly status: number; readonly text: string }
  | {
      readonly kind: "drip";
      readonly members: Readonly<Record<string, unknown>>;
      readonly overMs: number;
    }
  | { readonly kind: "cut" }
  | { readonly kind: "hang" };

export type InvocationDeps = {
  readonly region: string;
  readonly namespace: string;
  readonly registry: Pick<FunctionRegistry, "get">;
  readonly faults: Faults;
  readonly invocations: EntryLog<InvocationEntry>;
  readonly now: () => number;
};

const invokeSchema = z.object({
  FunctionName: z.string().min(1),
  Namespace: z.string().default("default"),
  Qualifier: z.string().min(1).default("$DEFAULT"),
  InvocationType: z.literal("RequestResponse").optional(),
  /** InvokeFunction's name for the event. */
  Event: z.string().optional(),
  /** Invoke's name for it. */
  ClientContext: z.string().optional(),
});

const actionSchema = z.object({ action: z.string() });

type ResultReply = Extract<Reply, { readonly kind: "response" }>;

type Outcome = {
  readonly reply: Reply;
  readonly status: number;
  readonly note: string | null;
  readonly end: PoolEnd | null;
};

/** One synchronous invocation (583/58400, 583/17243), logged whatever comes of it. */
export async function runInvocation(
  deps: InvocationDeps,
  input: unknown,
  requestId: string,
): Promise<Reply> {
  const startedAtMs = deps.now();
  const startedAt = performance.now();
  const { data } = invokeSchema.safeParse(input);
  if (data === undefined) {
    return apiError("InvalidParameterValue", "A parameter of the invocation is invalid.").reply;
  }
  const event = data.Event ?? data.ClientContext ?? "{}";
  const action = actionOf(event);
  const { FunctionName: name, Namespace: namespace, Qualifier: qualifier } = data;
  const named = { name, namespace, qualifier };
  const outcome = await outcomeOf(deps, named, { event, action, requestId });
  deps.invocations.add({
    function: data.FunctionName,
    action: action ?? null,
    requestId,
    startedAtMs,
    ms: Math.round(performance.now() - startedAt),
    status: outcome.status,
    note: outcome.note,
    cold: outcome.end?.cold ?? false,
    memoryBytes: outcome.end?.memoryBytes ?? 0,
  });
  return outcome.reply;
}

type EventFacts = {
  readonly event: string;
  readonly action: string | undefined;
  readonly requestId: string;
};

async function outcomeOf(
  deps: InvocationDeps,
  named: { readonly name: string; readonly namespace: string; readonly qualifier: string },
  facts: EventFacts,
): Promise<Outcome> {
  if (named.namespace !== deps.namespace) {
    return apiError("ResourceNotFound.Namespace", `No namespace ${named.namespace}.`);
  }
  const fn = deps.registry.get(named.name);
  if (fn === null) return apiError("ResourceNotFound.Function", `No function ${named.name}.`);
  // Time passes for a change whether somebody asks for its state or not.
  await fn.pending.poll();
  if (deps.registry.get(named.name) !== fn) {
    return apiError("ResourceNotFound.Function", `No function ${named.name}.`);
  }
  if (fn.pending.state === "Deleting") {
    return apiError("FailedOperation.FunctionStatusError", `${named.name} is being deleted.`);
  }
  const found = fn.resolve(named.qualifier);
  if (found === null) {
    return fn.latest === null
      ? apiError("FailedOperation.FunctionStatusError", `${named.name} is being created.`)
      : apiError("ResourceNotFound.Qualifier", `${named.name} has no ${named.qualifier}.`);
  }
  const { pool } = found.revision;
  if (!(await pool.exists())) {
    return apiError("ResourceNotFound.Function", `No function ${named.name}.`);
  }
  const bytes = Buffer.byteLength(facts.event);
  if (bytes > EVENT_BYTES_MAX) return refusedEvent(406, `the event has ${bytes} bytes`, facts);
  if (!isJson(facts.event)) return refusedEvent(400, "the event is not JSON", facts);

  const fault = deps.faults.take(named.name, facts.action);
  const instead = fault === null ? null : await faultOutcome(fault, facts.requestId);
  if (instead !== null) return instead;
  const startedAt = performance.now();
  const context = contextOf(found, deps, facts.requestId);
  const end = await pool.call({ id: facts.requestId, event: facts.event, context });
  const ms = performance.now() - startedAt;
  const note = fault?.kind ?? null;
  const result = resultReply(end, facts.requestId, ms);
  const reply = fault === null ? result : spoil(result, fault);
  return { reply, status: end.status, note, end };
}

/** What a fault answers in the function's place; null when the function is to run all the same. */
async function faultOutcome(fault: Fault, requestId: string): Promise<Outcome | null> {
  const without = (reply: Reply): Outcome => ({ reply, status: 0, note: fault.kind, end: null });
  switch (fault.kind) {
    case "status": {
      const end = noRun(fault.status, "a fault that was asked for");
      return { ...without(resultReply(end, requestId, 0)), status: fault.status };
    }
    case "api-error":
      return { ...apiError(fault.code, "A fault that was asked for."), note: fault.code };
    case "http":
      return without({ kind: "raw", status: fault.httpStatus, text: "<html>fault</html>" });
    case "garbage":
      return without({ kind: "raw", status: 200, text: "<html>not JSON</html>" });
    case "truncated":
      return without({ kind: "raw", status: 200, text: '{"Response":{"Result":{"RetMsg":"{' });
    case "empty":
      return without({ kind: "raw", status: 200, text: "" });
    case "hang":
      return without({ kind: "hang" });
    case "reset":
      return without({ kind: "cut" });
    case "delay":
      await delay(fault.delayMs);
      return null;
    case "reset-after-run":
    case "drip":
      return null;
  }
}

/** What becomes of the answer of a function that has run. */
function spoil(result: ResultReply, fault: Fault): Reply {
  if (fault.kind === "reset-after-run") return { kind: "cut" };
  if (fault.kind === "drip") return { ...result, kind: "drip", overMs: fault.delayMs };
  return result;
}

function refusedEvent(status: number, text: string, facts: EventFacts): Outcome {
  const end = noRun(status, text);
  return { reply: resultReply(end, facts.requestId, 0), status, note: null, end: null };
}

function noRun(status: number, text: string): PoolEnd {
  return { status, text, memoryBytes: 0, cold: false };
}

/** A function that failed is an API success: the reason is JSON in `ErrMsg`. */
function resultReply(end: PoolEnd, requestId: string, ms: number): ResultReply {
  const failed = end.status !== 200;
  const failure = {
    errorCode: end.status === 430 ? 1 : -1,
    errorMessage: STATUS_WORDS[end.status] ?? "InternalError",
    requestId,
    stackTrace: end.text,
    statusCode: end.status,
  };
  const Result = {
    Log: "",
    RetMsg: failed ? "" : end.text,
    ErrMsg: failed ? JSON.stringify(failure) : "",
    MemUsage: end.memoryBytes,
    Duration: Math.round(ms * 1000) / 1000,
    BillDuration: Math.ceil(ms),
    FunctionRequestId: requestId,
    InvokeResult: failed ? -1 : 0,
  };
  return { kind: "response", members: { Result } };
}

function apiError(code: string, message: string): Outcome {
  const members = { Error: { Code: code, Message: message } };
  return { reply: { kind: "response", members }, status: 0, note: code, end: null };
}

/** The documented members of a Node function's context (583/11060). */
function contextOf(
  found: { readonly version: string; readonly revision: Revision },
  deps: InvocationDeps,
  requestId: string,
) {
  const { fn } = found.revision;
  return {
    request_id: requestId,
    function_name: fn.name,
    function_version: found.version,
    namespace: deps.namespace,
    memory_limit_in_mb: fn.memoryMb,
    time_limit_in_ms: fn.timeoutMs,
    environment: JSON.stringify(fn.environment),
    environ: "",
    tencentcloud_region: deps.region,
    tencentcloud_appid: "",
    tencentcloud_uin: "",
  };
}

function actionOf(event: string): string | undefined {
  try {
    return actionSchema.safeParse(JSON.parse(event)).data?.action;
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
