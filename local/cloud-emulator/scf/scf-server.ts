import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { createFaults, type Faults } from "./scf-faults.ts";
import type { EmulatedFunction } from "./function-pool.ts";
import { createFunctionRegistry } from "./function-registry.ts";
import {
  createEntryLog,
  type ActionEntry,
  type EntryLog,
  type InvocationEntry,
} from "../entry-log.ts";
import { cutConnection, listenOnLoopback, readBody, dripJson, sendJson } from "../emulator-http.ts";
import { runInvocation, type InvocationDeps, type Reply } from "./scf-invocation.ts";
import type { ManagementDeps } from "./management-action.ts";
import { MANAGEMENT_ACTIONS } from "./management-actions.ts";
import { ScfError } from "./scf-error.ts";
import { BODY_BYTES_MAX, PENDING_POLLS } from "./scf-limits.ts";
import { refusalOfTc3, type ApiError, type SecretPair } from "./tc3-signature.ts";

export type ScfServerOptions = {
  readonly keys: SecretPair;
  readonly region: string;
  readonly namespace: string;
  readonly functions: readonly EmulatedFunction[];
  /** The host's Node, by path. */
  readonly node: string;
  readonly scratchDir: string;
  readonly idleMs?: number;
  /** Where code packages come from; without it nothing can be deployed. */
  readonly store?: {
    /** With its APPID. */
    readonly bucket: string;
    read(key: string): Promise<Buffer | null>;
  };
  /** How often a change is looked at until it is settled. */
  readonly pendingPolls?: number;
  readonly now?: () => number;
  /** Lines that functions print. */
  readonly log?: (line: string) => void;
};

export type ScfServer = {
  readonly endpoint: string;
  readonly faults: Faults;
  readonly invocations: EntryLog<InvocationEntry>;
  readonly actions: EntryLog<ActionEntry>;
  /** Takes a function away, or puts it back. False when no such function is configured. */
  setDeployed(functionName: string, deployed: boolean): boolean;
  /** Stops the endpoint and every instance. */
  close(): Promise<void>;
};

const API_VERSION = "2018-04-16";

/**
 * SCF's API (583/17235) on loopback: the invocation, and what a deployment needs, with real TC3-HMAC-SHA256
 * verification and the documented limits. Answers have HTTP status 200, errors too. What is deployed lives as long as
 * the process.
 */
export async function startScfServer(options: ScfServerOptions): Promise<ScfServer> {
  const { namespace, region, store } = options;
  const now = options.now ?? Date.now;
  const registry = createFunctionRegistry({
    functions: options.functions,
    node: options.node,
    scratchDir: options.scratchDir,
    codeDir: join(options.scratchDir, "code"),
    polls: options.pendingPolls ?? PENDING_POLLS,
    now,
    ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
    log: options.log ?? (() => {}),
  });
  const context: Context = {
    options,
    actions: createEntryLog(),
    invocation: {
      region,
      namespace,
      faults: createFaults(),
      invocations: createEntryLog(),
      registry,
      now,
    },
    management: {
      region,
      namespace,
      registry,
      now,
      bucketName: store?.bucket.replace(/-\d+$/, "") ?? "",
      readCode: async (key) => (await store?.read(key)) ?? null,
    },
  };
  const server = await listenOnLoopback((request, response) => answer(request, response, context));

  return {
    endpoint: server.endpoint,
    faults: context.invocation.faults,
    invocations: context.invocation.invocations,
    actions: context.actions,
    setDeployed: (functionName, deployed) => registry.setDeployed(functionName, deployed),
    async close() {
      await server.close();
      await registry.end();
    },
  };
}

type Context = {
  readonly options: ScfServerOptions;
  readonly actions: EntryLog<ActionEntry>;
  readonly invocation: InvocationDeps;
  readonly management: ManagementDeps;
};

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  context: Context,
): Promise<void> {
  const requestId = randomUUID();
  const body = await readBody(request, BODY_BYTES_MAX);
  const reply =
    body === null
      ? apiError("RequestSizeLimitExceeded", "The request body is too large.")
      : await replyTo(request, body, { ...context, requestId });
  if (reply.kind === "cut") return cutConnection(request);
  if (reply.kind === "hang") return;
  if (reply.kind === "raw") {
    response.writeHead(reply.status, { "content-type": "text/html" });
    response.end(reply.text);
    return;
  }
  const answered = { Response: { ...reply.members, RequestId: requestId } };
  if (reply.kind === "drip") return dripJson(response, answered, reply.overMs);
  sendJson(response, 200, answered);
}

async function replyTo(
  request: IncomingMessage,
  body: Buffer,
  { options, requestId, ...context }: Context & { readonly requestId: string },
): Promise<Reply> {
  const { method = "", url = "", headers } = request;
  const refusal = refusalOfTc3(
    { method, url, headers, body },
    options.keys,
    context.management.now(),
  );
  if (refusal !== null) return { kind: "response", members: { Error: asWire(refusal) } };
  if (headers["x-tc-version"] !== API_VERSION) {
    return apiError("NoSuchVersion", "The API version is not found.");
  }
  if (headers["x-tc-region"] !== options.region) {
    return apiError("UnsupportedRegion", `The endpoint serves ${options.region} only.`);
  }

  const input = parseJson(body);
  const name = String(headers["x-tc-action"]);
  if (name === "InvokeFunction" || name === "Invoke") {
    return await runInvocation(context.invocation, input, requestId);
  }
  return await runAction(name, input, context);
}

async function runAction(
  name: string,
  input: unknown,
  { actions, management }: Pick<Context, "actions" | "management">,
): Promise<Reply> {
  const action = Object.hasOwn(MANAGEMENT_ACTIONS, name) ? MANAGEMENT_ACTIONS[name] : undefined;
  if (action === undefined) {
    return apiError("InvalidAction", "The emulated SCF does not know this action.");
  }
  const { success, data } = z.object({ FunctionName: z.string() }).safeParse(input);
  const entry = { action: name, function: success ? data.FunctionName : null };
  try {
    const members = await action.run(management, input);
    actions.add({ ...entry, writes: action.writes, error: null });
    return { kind: "response", members };
  } catch (error) {
    if (!(error instanceof ScfError)) throw error;
    actions.add({ ...entry, writes: action.writes, error: error.code });
    return apiError(error.code, error.message);
  }
}

function apiError(code: string, message: string): Reply {
  return { kind: "response", members: { Error: asWire({ code, message }) } };
}

function asWire(error: ApiError) {
  return { Code: error.code, Message: error.message };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
