import { z } from "zod";
import { changeActions, reservedBy } from "./change-actions.ts";
import type { DeployedFunction } from "./deployed-function.ts";
import { describeRevision, listedFunction, stateOf } from "./describe-function.ts";
import { inNamespace, known, reading, type Action } from "./management-action.ts";
import { getSchema, listSchema, namedSchema } from "./management-parameters.ts";
import { ScfError } from "./scf-error.ts";
import { CONCURRENCY_MEMORY_MB, FUNCTIONS_MAX } from "./scf-limits.ts";
import { versionActions } from "./version-actions.ts";

/** Every action beside the invocation, by its name. */
export const MANAGEMENT_ACTIONS: Readonly<Record<string, Action>> = {
  ...changeActions,
  ...versionActions,
  GetFunction: reading(getSchema, async (deps, input) => {
    const fn = await known(deps, input);
    const { namespace } = deps;
    await fn.pending.poll();
    // A deletion may have come to its end by this look.
    if (deps.registry.get(fn.name) !== fn) await known(deps, input);
    if (input.Qualifier === "$LATEST") {
      const { latest: revision, pending } = fn;
      if (revision === null) return { ...stateOf(fn, pending, namespace), Qualifier: "$LATEST" };
      return describeRevision(fn, { version: "$LATEST", revision, pending }, namespace);
    }
    const version = fn.versions.get(input.Qualifier);
    if (version === undefined) {
      throw new ScfError("ResourceNotFound.Version", `${fn.name} has no ${input.Qualifier}.`);
    }
    await version.pending.poll();
    return describeRevision(fn, { ...version, version: version.number }, namespace);
  }),
  ListFunctions: reading(listSchema, async (deps, input) => {
    inNamespace(deps, input.Namespace);
    const found: DeployedFunction[] = [];
    for (const fn of deps.registry.all()) {
      const there = fn.latest === null || (await fn.latest.pool.exists());
      if (there && fn.name.includes(input.SearchKey)) found.push(fn);
    }
    const page = found.slice(input.Offset, input.Offset + input.Limit);
    const Functions = page.map((fn) => listedFunction(fn, deps.namespace));
    return { Functions, TotalCount: found.length };
  }),
  GetReservedConcurrencyConfig: reading(namedSchema, async (deps, input) => {
    const fn = await known(deps, input);
    return { ReservedMem: fn.reservedMemoryMb };
  }),
  GetAccount: reading(z.object({}), async ({ registry, namespace: Namespace }) => {
    const functions = registry.all();
    const names = functions.map(({ name }) => name);
    return {
      AccountUsage: {
        NamespacesCount: 1,
        Namespace: [{ Namespace, Functions: names, FunctionsCount: names.length }],
        TotalConcurrencyMem: CONCURRENCY_MEMORY_MB,
        TotalAllocatedConcurrencyMem: reservedBy(functions),
        UserConcurrencyMemLimit: CONCURRENCY_MEMORY_MB,
      },
      AccountLimit: {
        NamespacesCount: 5,
        Namespace: [{ Namespace, FunctionsCount: FUNCTIONS_MAX, TimeoutLimit: 900 }],
      },
    };
  }),
};
