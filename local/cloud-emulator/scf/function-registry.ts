import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createFunctionPool, type EmulatedFunction, type PoolSettings } from "./function-pool.ts";
import {
  createDeployedFunction,
  type Change,
  type DeployedFunction,
  type Revision,
  type RevisionFacts,
} from "./deployed-function.ts";
import { folderBytes } from "./folder-bytes.ts";
import { configurationFault } from "./management-parameters.ts";
import { INSTANCES_MAX } from "./scf-limits.ts";
import type { StatusReason } from "./pending-change.ts";
import { unpackCode } from "./unpack-code.ts";

export type RegistryOptions = PoolSettings & {
  /** What the emulated cloud starts with: unpacked folders, as a deployment would have left them. */
  readonly functions: readonly EmulatedFunction[];
  /** Deployed code is unpacked in it. */
  readonly codeDir: string;
  /** Of each change, until it is settled. */
  readonly polls: number;
  readonly now: () => number;
};

/** What a revision is made of. */
type RevisionSpec = {
  readonly name: string;
  readonly facts: Omit<RevisionFacts, "codeBytes">;
  readonly limits: Pick<EmulatedFunction, "timeoutMs" | "memoryMb" | "environment"> & {
    /** The platform's, not the function's: an update leaves it. */
    readonly instancesMax?: number;
  };
  /** A new package, or the revision whose code stays. */
  readonly code: Buffer | Revision;
};

/** Every function of the namespace, deployed over the API or given at the start. */
export type FunctionRegistry = {
  all(): readonly DeployedFunction[];
  /** Null when it is unknown or was taken away. */
  get(name: string): DeployedFunction | null;
  create(name: string): DeployedFunction;
  /** Unpacks the code and makes the revision; resolves to the reason when the code is refused. */
  revise(spec: RevisionSpec): Change;
  /** Takes some looks, like every change. */
  remove(name: string): void;
  /** Takes a function away, or puts it back. False when there is no such function. */
  setDeployed(name: string, deployed: boolean): boolean;
  end(): Promise<void>;
};

/** Throws when one of the given functions could not have been created over the API. */
export function createFunctionRegistry(options: RegistryOptions): FunctionRegistry {
  const functions = new Map<string, DeployedFunction>();
  const takenAway = new Set<string>();
  let packages = 0;

  for (const fn of options.functions) {
    const fault = configurationFault(fn);
    if (fault !== null) throw new Error(`${fn.name} cannot be deployed: ${fault}`);
    const revision = { fn, facts: factsOfFolder(fn), pool: createFunctionPool(fn, options) };
    const given = { revision, atMs: options.now() };
    functions.set(fn.name, createDeployedFunction(fn.name, options.polls, given));
  }
  const get = (name: string): DeployedFunction | null =>
    takenAway.has(name) ? null : (functions.get(name) ?? null);

  return {
    all: () => [...functions.values()].filter(({ name }) => !takenAway.has(name)),
    get,
    create(name) {
      const created = createDeployedFunction(name, options.polls, null);
      takenAway.delete(name);
      // One that was taken away, or whose folder is gone, may still have instances at work.
      void functions.get(name)?.end();
      functions.set(name, created);
      return created;
    },
    async revise({ name, facts, limits, code }) {
      let folder: string;
      let codeBytes: number;
      if (Buffer.isBuffer(code)) {
        packages += 1;
        folder = join(options.codeDir, `${name}-${packages}`);
        codeBytes = code.byteLength;
        const refusal: StatusReason | null = await unpackCode(code, folder);
        if (refusal !== null) return refusal;
      } else {
        ({ folder } = code.fn);
        ({ codeBytes } = code.facts);
      }
      const { handler } = facts;
      // One by one: `limits` may be a whole function, with the folder of before.
      const { timeoutMs, memoryMb, environment, instancesMax = INSTANCES_MAX } = limits;
      const set = { timeoutMs, memoryMb, environment, instancesMax };
      const fn = { name, folder, handler, ...set };
      return { fn, facts: { ...facts, codeBytes }, pool: createFunctionPool(fn, options) };
    },
    remove(name) {
      const removed = functions.get(name);
      removed?.remove(() => {
        functions.delete(name);
        void removed.end();
      });
    },
    setDeployed(name, deployed) {
      if (deployed) takenAway.delete(name);
      else takenAway.add(name);
      return functions.has(name);
    },
    async end() {
      await Promise.all([...functions.values()].map((one) => one.end()));
      await rm(options.codeDir, { recursive: true, force: true });
    },
  };
}

/** What a creation without more than the code would have come to. */
function factsOfFolder(fn: EmulatedFunction): RevisionFacts {
  return {
    runtime: "Nodejs20.19",
    handler: fn.handler ?? "index.main_handler",
    description: "",
    role: "",
    // Asked anew: the folder may be built again while the cloud runs.
    get codeBytes() {
      return folderBytes(fn.folder);
    },
  };
}
