import { Agent } from "node:http";
import { z } from "zod";
import type { FunctionName } from "../core/functions.ts";
import type { FunctionInvoker } from "../core/ports/cloud.ts";
import { isLoopbackEndpoint } from "./loopback-endpoint.ts";
import {
  abortError,
  functionErrorOf,
  functionFailureOf,
  isMissingFunction,
  unreadableAnswer,
  type CalledFunction,
} from "./scf-errors.ts";

export type ScfInvokerConfig = {
  readonly secretId: string;
  readonly secretKey: string;
  readonly region: string;
  readonly namespace: string;
  /** Put before each function's name, for example "staging-". */
  readonly functionPrefix?: string;
  /** "127.0.0.1:port" of the loopback cloud; absent in production. */
  readonly endpoint?: string;
};

/** Above the longest synchronous call (300 s). It holds on Node alone; Bun knows only the caller's signal. */
const NODE_TIMEOUT_SECONDS = 320;

const invokedSchema = z.object({
  Result: z.object({
    RetMsg: z.string().nullish(),
    ErrMsg: z.string().nullish(),
    BillDuration: z.number().nonnegative().nullish().catch(null),
  }),
});
const describedSchema = z.object({ Status: z.string(), AvailableStatus: z.string().optional() });

/**
 * Calls the functions over the official SDK by `InvokeFunction`, the action for synchronous calls (583/58400).
 * No retry, here or in the SDK. The SDK is loaded at the first call.
 */
export function createScfInvoker(config: ScfInvokerConfig): FunctionInvoker {
  let client: ReturnType<typeof loadClient> | undefined;

  const request = async (
    action: "InvokeFunction" | "GetFunction",
    called: CalledFunction,
    { input, signal }: { readonly input: object; readonly signal: AbortSignal },
  ): Promise<unknown> => {
    if (signal.aborted) throw abortError(signal, called, "no");
    client ??= loadClient(config);
    const { deployedName: FunctionName, namespace: Namespace } = called;
    try {
      const loaded = await client;
      return await loaded.request(action, { FunctionName, Namespace, ...input }, { signal });
    } catch (error) {
      throw functionErrorOf(error, called, signal);
    }
  };

  return {
    async call(name, event, signal, onBilled) {
      const called = calledBy(config, name);
      const input = { Event: JSON.stringify(event) };
      const answer = await request("InvokeFunction", called, { input, signal });
      const { data } = invokedSchema.safeParse(answer);
      if (data === undefined) throw unreadableAnswer(called, "an answer without Result");
      onBilled?.(Math.ceil(data.Result.BillDuration ?? 0));
      const retMsg = data.Result.RetMsg ?? "";
      const failure = functionFailureOf({ errMsg: data.Result.ErrMsg ?? "", retMsg }, called);
      if (failure !== null) throw failure;
      return parseAnswer(retMsg, called);
    },
    async describe(name, signal) {
      const called = calledBy(config, name);
      const input = { ShowCode: "FALSE" };
      try {
        const answer = await request("GetFunction", called, { input, signal });
        const { data } = describedSchema.safeParse(answer);
        if (data === undefined) throw unreadableAnswer(called, "a description without Status");
        const available = data.AvailableStatus === "Available";
        const active = data.Status === "Active" && available;
        const blocked = data.Status === "Active" && !available;
        const detail = blocked ? (data.AvailableStatus ?? "Unavailable") : data.Status;
        return { deployed: true, active, detail };
      } catch (error) {
        if (!isMissingFunction(error)) throw error;
        return { deployed: false, active: false, detail: "ResourceNotFound" };
      }
    },
  };
}

async function loadClient(config: ScfInvokerConfig) {
  const { scf } = await import("tencentcloud-sdk-nodejs-scf");
  const { secretId, secretKey, region, endpoint } = config;
  const isLoopback = endpoint !== undefined && isLoopbackEndpoint(endpoint);
  return new scf.v20180416.Client({
    credential: { secretId, secretKey },
    region,
    profile: {
      httpProfile: {
        ...(endpoint === undefined ? {} : { endpoint }),
        protocol: isLoopback ? "http://" : "https://",
        reqTimeout: NODE_TIMEOUT_SECONDS,
        // On Node an agent of our own keeps `http_proxy` away from loopback; Bun obeys `no_proxy` instead.
        ...(isLoopback ? { agent: new Agent({ keepAlive: true }) } : {}),
      },
    },
  });
}

function calledBy(config: ScfInvokerConfig, name: FunctionName): CalledFunction {
  const { namespace, region, functionPrefix = "" } = config;
  return { name, deployedName: `${functionPrefix}${name}`, namespace, region };
}

function parseAnswer(retMsg: string, called: CalledFunction): unknown {
  try {
    return JSON.parse(retMsg);
  } catch {
    throw unreadableAnswer(called, "a return value that is not JSON");
  }
}
