import type { DeployedFunction, Revision } from "./deployed-function.ts";
import type { PendingChange } from "./pending-change.ts";

/** `GetFunction`'s answer for one revision of a function that has one. */
export function describeRevision(
  fn: DeployedFunction,
  shown: { readonly version: string; readonly revision: Revision; readonly pending: PendingChange },
  namespace: string,
) {
  const { version, revision, pending } = shown;
  const { runtime, handler, description, role, codeBytes } = revision.facts;
  const variables = Object.entries(revision.fn.environment);
  return {
    ...stateOf(fn, pending, namespace),
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
export function stateOf(fn: DeployedFunction, pending: PendingChange, namespace: string) {
  return {
    FunctionName: fn.name,
    Namespace: namespace,
    Type: "Event",
    Status: pending.state,
    StatusDesc: pending.reasons.map(({ ErrorMessage }) => ErrorMessage).join("; "),
    StatusReasons: pending.reasons,
  };
}

/** One entry of `ListFunctions`: without configuration and AvailableStatus. */
export function listedFunction(fn: DeployedFunction, namespace: string) {
  return {
    ...stateOf(fn, fn.pending, namespace),
    Runtime: fn.latest?.facts.runtime,
    Description: fn.latest?.facts.description ?? "",
    ReservedConcurrencyMem: fn.reservedMemoryMb,
  };
}
