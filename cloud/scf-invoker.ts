import { z } from "zod";
import type { FunctionName } from "../core/model/functions.ts";
import type { FunctionInvoker } from "../core/ports/cloud.ts";
import { loadScfClient, type ScfAccount } from "./scf-client.ts";
import {
  abortError,
  functionErrorOf,
  functionFailureOf,
  isMissingFunction,
  unreadableAnswer,
  type CalledFunction,
} from "./scf-errors.ts";
import { parseJson } from "../core/resilience/parse-json.ts";

export type ScfInvokerConfig = ScfAccount & {
  readonly namespace: string;
  /** The alias or version that is invoked; the platform's default when absent. */
  readonly qualifier?: string;
  /** Put before each function's name, for example "staging-". */
  readonly functionPrefix?: string;
};

const invokedSchema = z.object({
  Result: z.object({
    RetMsg: z.string().nullish(),
    ErrMsg: z.string().nullish(),
    BillDuration: z.number().nonnegative().nullish().catch(null),
  }),
});
const aliasSchema = z.object({ FunctionVersion: z.string() });
const describedSchema = z.object({ Status: z.string(), AvailableStatus: z.string().optional() });

/**
 * Calls the functions over the official SDK by `InvokeFunction`, the action for synchronous calls (583/58400).
 * No retry, here or in the SDK. The SDK is loaded at the first call.
 */
export function createScfInvoker(config: ScfInvokerConfig): FunctionInvoker {
  let client: ReturnType<typeof loadScfClient> | undefined;

  const request = async (
    action: "InvokeFunction" | "GetFunction" | "GetAlias",
    called: CalledFunction,
    { input, signal }: { readonly input: object; readonly signal: AbortSignal },
  ): Promise<unknown> => {
    if (signal.aborted) throw abortError(signal, called, "no");
    client ??= loadScfClient(config);
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
      const input = { Event: JSON.stringify(event), ...qualified(config.qualifier) };
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
      try {
        const version = await versionOf(config.qualifier, (input) =>
          request("GetAlias", called, { input, signal }),
        );
        const input = { ShowCode: "FALSE", ...qualified(version) };
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

function qualified(qualifier: string | undefined): { readonly Qualifier?: string } {
  return qualifier === undefined ? {} : { Qualifier: qualifier };
}

/** `GetFunction` knows versions only: an alias is looked up first. While $LATEST is updated, the alias goes on. */
async function versionOf(
  qualifier: string | undefined,
  getAlias: (input: object) => Promise<unknown>,
): Promise<string | undefined> {
  if (qualifier === undefined || qualifier === "$DEFAULT") return undefined;
  if (!/^[a-z]/i.test(qualifier)) return qualifier;
  return aliasSchema.safeParse(await getAlias({ Name: qualifier })).data?.FunctionVersion;
}

function calledBy(config: ScfInvokerConfig, name: FunctionName): CalledFunction {
  const { namespace, region, functionPrefix = "" } = config;
  return { name, deployedName: `${functionPrefix}${name}`, namespace, region };
}

function parseAnswer(retMsg: string, called: CalledFunction): unknown {
  const answer = parseJson(retMsg);
  if (answer === undefined) throw unreadableAnswer(called, "a return value that is not JSON");
  return answer;
}
