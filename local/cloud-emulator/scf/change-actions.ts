import type { z } from "zod";
import type { DeployedFunction } from "./deployed-function.ts";
import {
  found,
  inNamespace,
  known,
  writing,
  type Action,
  type ManagementDeps,
} from "./management-action.ts";
import {
  createSchema,
  namedSchema,
  reserveSchema,
  updateCodeSchema,
  updateConfigurationSchema,
} from "./management-parameters.ts";
import { ScfError } from "./scf-error.ts";
import { CONCURRENCY_MEMORY_MB, FUNCTIONS_MAX, UNRESERVED_MEMORY_MB } from "./scf-limits.ts";

/** The actions that change $LATEST or take a function away: all of them are asynchronous but the reservation. */
export const changeActions: Readonly<Record<string, Action>> = {
  CreateFunction: writing(createSchema, async (deps, input) => {
    inNamespace(deps, input.Namespace);
    const { FunctionName: name } = input;
    if ((await found(deps, name)) !== null) {
      throw new ScfError("ResourceInUse.Function", `The function ${name} exists already.`);
    }
    if (deps.registry.all().length >= FUNCTIONS_MAX) {
      throw new ScfError("LimitExceeded.Function", `A namespace has ${FUNCTIONS_MAX} functions.`);
    }
    const code = await codeOf(deps, input.Code);
    const facts = {
      runtime: input.Runtime,
      handler: input.Handler,
      description: input.Description ?? "",
      role: input.Role ?? "",
    };
    const limits = {
      memoryMb: input.MemorySize ?? 128,
      timeoutMs: (input.Timeout ?? 3) * 1000,
      environment: input.Environment ?? {},
    };
    const made = deps.registry.revise({ name, facts, limits, code });
    deps.registry.create(name).change("Creating", made);
    return {};
  }),
  UpdateFunctionCode: writing(updateCodeSchema, async (deps, input) => {
    const { fn, latest } = await changeable(deps, input, "UpdateFunctionCode");
    const code = await codeOf(deps, input);
    const facts = { ...latest.facts, handler: input.Handler ?? latest.facts.handler };
    fn.change("Updating", deps.registry.revise({ name: fn.name, facts, limits: latest.fn, code }));
    return {};
  }),
  UpdateFunctionConfiguration: writing(updateConfigurationSchema, async (deps, input) => {
    const { fn, latest } = await changeable(deps, input, "UpdateFunctionConfiguration");
    const facts = {
      ...latest.facts,
      description: input.Description ?? latest.facts.description,
      role: input.Role ?? latest.facts.role,
    };
    const { memoryMb, timeoutMs, environment, instancesMax } = latest.fn;
    const limits = {
      instancesMax,
      memoryMb: input.MemorySize ?? memoryMb,
      timeoutMs: input.Timeout === undefined ? timeoutMs : input.Timeout * 1000,
      environment: input.Environment ?? environment,
    };
    const spec = { name: fn.name, facts, limits, code: latest };
    fn.change("Updating", deps.registry.revise(spec));
    return {};
  }),
  PutReservedConcurrencyConfig: writing(reserveSchema, async (deps, input) => {
    const fn = await known(deps, input);
    const others = deps.registry.all().filter((one) => one !== fn);
    const total = reservedBy(others) + input.ReservedConcurrencyMem;
    if (total > CONCURRENCY_MEMORY_MB - UNRESERVED_MEMORY_MB) {
      const code = "LimitExceeded.FunctionReservedConcurrencyMemory";
      throw new ScfError(code, `All reservations would be ${total} MB.`);
    }
    fn.reservedMemoryMb = input.ReservedConcurrencyMem;
    return {};
  }),
  DeleteFunction: writing(namedSchema, async (deps, input) => {
    const fn = await known(deps, input);
    if (input.Qualifier !== undefined) {
      throw new ScfError("UnsupportedOperation", "The emulated SCF deletes whole functions only.");
    }
    if (fn.pending.state === "Deleting") throw statusError(fn);
    deps.registry.remove(fn.name);
    return {};
  }),
};

export function reservedBy(functions: readonly DeployedFunction[]): number {
  return functions.reduce((sum, { reservedMemoryMb }) => sum + (reservedMemoryMb ?? 0), 0);
}

type Named = { readonly FunctionName: string; readonly Namespace: string };

/** Refuses what is not Active; after a failed update another may be tried, after a failed creation only a deletion. */
async function changeable(deps: ManagementDeps, named: Named, action: string) {
  const fn = await known(deps, named);
  const { state } = fn.pending;
  if (state.endsWith("ing")) throw statusError(fn);
  const { latest } = fn;
  if (latest === null) {
    throw new ScfError(`FailedOperation.${action}`, `${fn.name} is ${state}: not possible.`);
  }
  return { fn, latest };
}

function statusError({ name, pending }: DeployedFunction): ScfError {
  return new ScfError("FailedOperation.FunctionStatusError", `${name} is ${pending.state}.`);
}

type CodeLocation = Pick<z.output<typeof updateCodeSchema>, "CosBucketName" | "CosObjectName"> & {
  readonly CosBucketRegion?: string | undefined;
};

/** The package itself: the action fails at once when it is not there. */
async function codeOf(deps: ManagementDeps, location: CodeLocation): Promise<Buffer> {
  const { CosBucketName: bucket, CosObjectName: path, CosBucketRegion: region } = location;
  const here = bucket === deps.bucketName && (region ?? deps.region) === deps.region;
  const code = here ? await deps.readCode(path.slice(1)) : null;
  if (code === null) throw new ScfError("ResourceNotFound.Cos", `No object ${path} in ${bucket}.`);
  return code;
}
