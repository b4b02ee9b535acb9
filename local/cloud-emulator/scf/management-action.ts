import type { z } from "zod";
import type { DeployedFunction } from "./deployed-function.ts";
import type { FunctionRegistry } from "./function-registry.ts";
import { parameterError } from "./management-parameters.ts";
import { ScfError } from "./scf-error.ts";

export type ManagementDeps = {
  readonly registry: FunctionRegistry;
  readonly namespace: string;
  readonly region: string;
  /** "drape" of "drape-1250000000", as `CosBucketName` wants it. */
  readonly bucketName: string;
  /** A code package out of the store. */
  readonly readCode: (key: string) => Promise<Buffer | null>;
  readonly now: () => number;
};

type ActionAnswer = Readonly<Record<string, unknown>>;

/** One action beside the invocation. Throws ScfError. */
export type Action = {
  readonly writes: boolean;
  run(deps: ManagementDeps, input: unknown): Promise<ActionAnswer>;
};

type Run<S extends z.ZodType> = (deps: ManagementDeps, input: z.output<S>) => Promise<ActionAnswer>;

/** An action that changes nothing; its parameters are read by `schema` first. */
export function reading<S extends z.ZodType>(schema: S, run: Run<S>): Action {
  return { writes: false, run: (deps, raw) => run(deps, read(schema, raw)) };
}

export function writing<S extends z.ZodType>(schema: S, run: Run<S>): Action {
  return { writes: true, run: (deps, raw) => run(deps, read(schema, raw)) };
}

export function inNamespace(deps: ManagementDeps, namespace: string): void {
  if (namespace !== deps.namespace) {
    throw new ScfError("ResourceNotFound.Namespace", `No namespace ${namespace}.`);
  }
}

/** The function that is meant. */
export async function known(
  deps: ManagementDeps,
  named: { readonly FunctionName: string; readonly Namespace: string },
): Promise<DeployedFunction> {
  inNamespace(deps, named.Namespace);
  const fn = await found(deps, named.FunctionName);
  if (fn === null) {
    throw new ScfError("ResourceNotFound.Function", `No function ${named.FunctionName}.`);
  }
  return fn;
}

/** Null as well for a folder that the cloud was started with and that has no bundle. */
export async function found(deps: ManagementDeps, name: string): Promise<DeployedFunction | null> {
  const fn = deps.registry.get(name);
  if (fn === null || fn.latest === null) return fn;
  return (await fn.latest.pool.exists()) ? fn : null;
}

function read<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { code, message } = parameterError(parsed.error, input);
  throw new ScfError(code, message);
}
