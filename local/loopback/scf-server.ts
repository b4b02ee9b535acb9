import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { createFaults, type Faults } from "./scf-faults.ts";
import { createFunctionPool, type FunctionPool, type LoopbackFunction } from "./function-pool.ts";
import { createInvocationLog, type InvocationLog } from "./invocation-log.ts";
import { cutConnection, listenOnLoopback, readBody, dripJson, sendJson } from "./loopback-http.ts";
import { runInvocation, type InvocationDeps, type Reply } from "./scf-invocation.ts";
import { BODY_BYTES_MAX } from "./scf-limits.ts";
import { refusalOfTc3, type ApiError, type SecretPair } from "./tc3-signature.ts";

export type ScfServerOptions = {
  readonly keys: SecretPair;
  readonly region: string;
  readonly namespace: string;
  readonly functions: readonly LoopbackFunction[];
  /** The host's Node, by path. */
  readonly node: string;
  readonly scratchDir: string;
  readonly idleMs?: number;
  readonly now?: () => number;
  /** Lines that functions print. */
  readonly log?: (line: string) => void;
};

export type ScfServer = {
  readonly endpoint: string;
  readonly faults: Faults;
  readonly invocations: InvocationLog;
  /** Takes a function away, or puts it back. False when no such function is configured. */
  setDeployed(functionName: string, deployed: boolean): boolean;
  /** Stops the endpoint and every instance. */
  close(): Promise<void>;
};

const API_VERSION = "2018-04-16";

const namedSchema = z.object({
  FunctionName: z.string().min(1),
  Namespace: z.string().default("default"),
});
const listSchema = z.object({
  Namespace: z.string().default("default"),
  SearchKey: z.string().default(""),
  Limit: z.number().int().min(1).max(100).default(20),
  Offset: z.number().int().min(0).default(0),
});

/**
 * SCF's API (583/17235) on loopback: InvokeFunction, Invoke, GetFunction and ListFunctions, with real
 * TC3-HMAC-SHA256 verification and the documented limits. Answers have HTTP status 200, errors too.
 */
export async function startScfServer(options: ScfServerOptions): Promise<ScfServer> {
  const pools = new Map<string, FunctionPool>();
  for (const fn of options.functions) {
    const pool = createFunctionPool(fn, {
      node: options.node,
      scratchDir: options.scratchDir,
      ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
      log: options.log ?? (() => {}),
    });
    pools.set(fn.name, pool);
  }
  const undeployed = new Set<string>();
  const deps: InvocationDeps = {
    region: options.region,
    namespace: options.namespace,
    faults: createFaults(),
    invocations: createInvocationLog(),
    functions: new Map(options.functions.map((fn) => [fn.name, fn])),
    now: options.now ?? Date.now,
    async deployedPool(name) {
      const pool = undeployed.has(name) ? undefined : pools.get(name);
      return pool !== undefined && (await pool.exists()) ? pool : null;
    },
  };
  const server = await listenOnLoopback((request, response) =>
    answer(request, response, { options, deps }),
  );

  return {
    endpoint: server.endpoint,
    faults: deps.faults,
    invocations: deps.invocations,
    setDeployed(functionName, deployed) {
      if (deployed) undeployed.delete(functionName);
      else undeployed.add(functionName);
      return pools.has(functionName);
    },
    async close() {
      await server.close();
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

type Context = { readonly options: ScfServerOptions; readonly deps: InvocationDeps };

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
  { options, deps, requestId }: Context & { readonly requestId: string },
): Promise<Reply> {
  const { method = "", url = "", headers } = request;
  const refusal = refusalOfTc3({ method, url, headers, body }, options.keys, deps.now());
  if (refusal !== null) return { kind: "response", members: { Error: asWire(refusal) } };
  if (headers["x-tc-version"] !== API_VERSION) {
    return apiError("NoSuchVersion", "The API version is not found.");
  }
  if (headers["x-tc-region"] !== options.region) {
    return apiError("UnsupportedRegion", `The endpoint serves ${options.region} only.`);
  }

  const input = parseJson(body);
  switch (headers["x-tc-action"]) {
    case "InvokeFunction":
    case "Invoke":
      return await runInvocation(deps, input, requestId);
    case "GetFunction":
      return await getFunction(deps, input);
    case "ListFunctions":
      return await listFunctions(deps, input);
    default:
      return apiError("InvalidAction", "The loopback SCF does not know this action.");
  }
}

async function getFunction(deps: InvocationDeps, input: unknown): Promise<Reply> {
  const { data } = namedSchema.safeParse(input);
  if (data === undefined) return apiError("MissingParameter", "FunctionName is missing.");
  const fn = deps.functions.get(data.FunctionName);
  const pool = await deps.deployedPool(data.FunctionName);
  if (fn === undefined || pool === null || data.Namespace !== deps.namespace) {
    return apiError("ResourceNotFound.Function", `No function ${data.FunctionName}.`);
  }
  return { kind: "response", members: describe(fn, deps.namespace) };
}

async function listFunctions(deps: InvocationDeps, input: unknown): Promise<Reply> {
  const { data } = listSchema.safeParse(input);
  if (data === undefined) return apiError("InvalidParameterValue", "A parameter is invalid.");
  if (data.Namespace !== deps.namespace) {
    return apiError("ResourceNotFound.Namespace", `No namespace ${data.Namespace}.`);
  }
  const found: LoopbackFunction[] = [];
  for (const fn of deps.functions.values()) {
    const listed = fn.name.includes(data.SearchKey) && (await deps.deployedPool(fn.name)) !== null;
    if (listed) found.push(fn);
  }
  const page = found.slice(data.Offset, data.Offset + data.Limit);
  // The real list has no AvailableStatus.
  const Functions = page.map((fn) => {
    const { AvailableStatus: _, ...listed } = describe(fn, deps.namespace);
    return listed;
  });
  return { kind: "response", members: { Functions, TotalCount: found.length } };
}

/** The configuration without its environment, since that holds keys. */
function describe(fn: LoopbackFunction, namespace: string) {
  return {
    FunctionName: fn.name,
    Namespace: namespace,
    Status: "Active",
    AvailableStatus: "Available",
    Runtime: "Nodejs20.19",
    Handler: "index.main_handler",
    MemorySize: fn.memoryMb,
    Timeout: Math.ceil(fn.timeoutMs / 1000),
    Type: "Event",
    Qualifier: "$LATEST",
  };
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
