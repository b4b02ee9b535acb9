import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  startFunctionInstance,
  type CallEnd,
  type FunctionInstance,
  type InstanceCall,
} from "./function-instance.ts";
import { IDLE_MS } from "./scf-limits.ts";

/** A deployed function's configuration, as the console would show it. */
export type EmulatedFunction = {
  readonly name: string;
  readonly folder: string;
  /** "index.main_handler" when absent. */
  readonly handler?: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** More calls at a time are answered by 432. */
  readonly instancesMax: number;
  readonly environment: Readonly<Record<string, string>>;
};

export type PoolSettings = {
  readonly node: string;
  /** Instances get a folder of their own in it, by TMPDIR. */
  readonly scratchDir: string;
  readonly idleMs?: number;
  readonly log: (line: string) => void;
};

export type PoolEnd = CallEnd & { readonly cold: boolean };

/**
 * The instances of one function: a call takes an idle one or starts one, up to `instancesMax`. Changed code on
 * disk starts new instances, as a deployment would.
 */
export type FunctionPool = {
  /** Whether the bundle is there. */
  exists(): Promise<boolean>;
  call(call: InstanceCall): Promise<PoolEnd>;
  /** Ends every instance, also those at work. */
  end(): Promise<void>;
};

type Member = {
  readonly instance: FunctionInstance;
  readonly codeVersion: string;
  readonly scratch: string;
  busy: boolean;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
};

export function createFunctionPool(fn: EmulatedFunction, settings: PoolSettings): FunctionPool {
  const members = new Set<Member>();
  let starting = 0;
  let ended = false;

  const start = async (codeVersion: string): Promise<Member> => {
    const scratch = await makeScratch(settings.scratchDir);
    const instance = startFunctionInstance({
      node: settings.node,
      folder: fn.folder,
      handler: fn.handler ?? "index.main_handler",
      timeoutMs: fn.timeoutMs,
      memoryMb: fn.memoryMb,
      environment: childEnvironment(fn, scratch),
      log: (line) => settings.log(`${fn.name}: ${line}`),
    });
    return { instance, codeVersion, scratch, busy: true, idleTimer: undefined };
  };
  const drop = async (member: Member): Promise<void> => {
    members.delete(member);
    clearTimeout(member.idleTimer);
    await member.instance.end();
    await rm(member.scratch, { recursive: true, force: true });
  };
  const release = (member: Member): void => {
    member.busy = false;
    if (!member.instance.alive) return void drop(member);
    member.idleTimer = setTimeout(() => void drop(member), settings.idleMs ?? IDLE_MS);
    member.idleTimer.unref();
  };

  return {
    exists: async () => (await codeVersionOf(fn.folder)) !== null,
    async call(call) {
      const codeVersion = (await codeVersionOf(fn.folder)) ?? "";
      for (const member of members) {
        const stale = member.codeVersion !== codeVersion || !member.instance.alive;
        if (stale && !member.busy) void drop(member);
      }
      let member = [...members].find((one) => !one.busy && one.instance.alive);
      const cold = member === undefined;
      if (member === undefined) {
        if (members.size + starting >= fn.instancesMax) {
          const text = `the function has ${fn.instancesMax} instances at work`;
          return { status: 432, text, memoryBytes: 0, cold: false };
        }
        starting += 1;
        member = await start(codeVersion).finally(() => {
          starting -= 1;
        });
        members.add(member);
        if (ended) await drop(member);
      }
      member.busy = true;
      clearTimeout(member.idleTimer);
      const end = await member.instance.call(call);
      release(member);
      return { ...end, cold };
    },
    async end() {
      ended = true;
      await Promise.all([...members].map(drop));
    },
  };
}

/** Nothing of this process's environment but PATH: no proxy, no key that the function was not given. */
function childEnvironment(fn: EmulatedFunction, scratch: string): Record<string, string> {
  return {
    ...fn.environment,
    PATH: process.env["PATH"] ?? "",
    MALLOC_ARENA_MAX: "2",
    TMPDIR: scratch,
  };
}

async function makeScratch(scratchDir: string): Promise<string> {
  await mkdir(scratchDir, { recursive: true });
  return await mkdtemp(join(scratchDir, "instance-"));
}

async function codeVersionOf(folder: string): Promise<string | null> {
  try {
    const facts = await stat(join(folder, "index.js"));
    return `${facts.mtimeMs}-${facts.size}`;
  } catch {
    return null;
  }
}
