import type { DeployedFunction, Revision } from "./deployed-function.ts";
import type { Settling } from "./settling.ts";

/** `GetFunction`'s answer for one revision of a function that has one. */
export function describeRevision(
  fn: DeployedFunction,
  shown: { readonly version: string; readonly revision: Revision; readonly settling: Settling },
  namespace: string,
) {
  const { version, revision, settling } = shown;
  const { runtime, handler, description, role, codeBytes } = revision.facts;
  const variables = Object.entries(revision.fn.environment);
  return {
    ...stateOf(fn, settling, namespace),
    AvailableStatus: "Available",
    Runtime: runtime,
    Handler: handler,
    Description: description,
    Role: role,
    MemorySize: revision.fn.memoryMb,
    Timeout: Math.ceil(revision.fn.timeoutMs / 1000),
    Environment: { Variables: variables.map(([Key, Value]) => ({ Key, Value })) },
    CodeSize: codeBytes,
    FunctionVersion: version,
    Qualifier: version,
  };
}

/** What is known of a function whose first code has not arrived, or was refused. */
export function stateOf(fn: DeployedFunction, settling: Settling, namespace: string) {
  return {
    FunctionName: fn.name,
    Namespace: namespace,
    Type: "Event",
    Status: settling.state,
    StatusDesc: settling.reasons.map(({ ErrorMessage }) => ErrorMessage).join("; "),
    StatusReasons: settling.reasons,
  };
}

/** One entry of `ListFunctions`: without configuration and AvailableStatus. */
export function listedFunction(fn: DeployedFunction, namespace: string) {
  return {
    ...stateOf(fn, fn.settling, namespace),
    Runtime: fn.latest?.facts.runtime,
    Description: fn.latest?.facts.description ?? "",
    ReservedConcurrencyMem: fn.reservedMemoryMb,
  };
}
