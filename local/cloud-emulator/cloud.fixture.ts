import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FUNCTION_NAMES } from "../../core/model/functions.ts";
import { CONTRACT_FUNCTION } from "../../core/ports/contracts/function-invoker.contract.ts";
import { startCosServer, type CosServer } from "./cos/cos-server.ts";
import { findNode } from "./find-node.ts";
import { startScfServer, type ScfServer } from "./scf/scf-server.ts";

/** For tests: SCF and COS in this process, with the contract's fixture function under every name. */
export type FixtureCloud = {
  readonly scf: ScfServer;
  readonly cos: CosServer;
  readonly dir: string;
  readonly functionsDir: string;
  /** What both adapters take, but for `endpoint`. */
  readonly account: typeof ACCOUNT;
  /** Moves the endpoints' clock. */
  setClockOffsetMs(ms: number): void;
  close(): Promise<void>;
};

const ACCOUNT = {
  secretId: "AKIDfixture",
  secretKey: "the-fixture-secret-key",
  region: "ap-guangzhou",
  namespace: "default",
  bucket: "drape-1250000000",
};

type FixtureOptions = {
  readonly timeoutMs?: number;
  readonly memoryMb?: number;
  readonly instancesMax?: number;
  readonly idleMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Nothing is deployed yet. */
  readonly empty?: boolean;
  readonly pendingPolls?: number;
};

export async function startFixtureCloud(options: FixtureOptions = {}): Promise<FixtureCloud> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "drape-cloud-")));
  const functionsDir = await writeFixtureFunctions(join(dir, "functions"));
  let clockOffsetMs = 0;
  const now = (): number => Date.now() + clockOffsetMs;
  const cos = await startCosServer({
    keys: ACCOUNT,
    bucket: ACCOUNT.bucket,
    dir: join(dir, "objects"),
    now,
  });
  const {
    timeoutMs = 30_000,
    memoryMb = 512,
    instancesMax = 4,
    environment = {},
    idleMs,
  } = options;
  const scf = await startScfServer({
    keys: ACCOUNT,
    region: ACCOUNT.region,
    namespace: ACCOUNT.namespace,
    node: findNode(process.env["PATH"] ?? ""),
    scratchDir: join(dir, "scratch"),
    store: { bucket: ACCOUNT.bucket, read: (key) => cos.read(key) },
    now,
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(options.pendingPolls === undefined ? {} : { pendingPolls: options.pendingPolls }),
    functions: (options.empty === true ? [] : FUNCTION_NAMES).map((name) => ({
      name,
      folder: join(functionsDir, name),
      timeoutMs,
      memoryMb,
      instancesMax,
      environment,
    })),
  });
  return {
    scf,
    cos,
    dir,
    functionsDir,
    account: ACCOUNT,
    setClockOffsetMs(ms) {
      clockOffsetMs = ms;
    },
    async close() {
      await Promise.all([scf.close(), cos.close()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Writes the fixture as the bundle of every function, the way that a build lays them out. */
export async function writeFixtureFunctions(functionsDir: string): Promise<string> {
  for (const name of FUNCTION_NAMES) {
    const folder = join(functionsDir, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{"type":"commonjs"}');
    await writeFile(join(folder, "index.js"), CONTRACT_FUNCTION);
  }
  return functionsDir;
}

/** Waits until `condition` holds, looking every 20 ms; throws after the limit. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 5_000) {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** Whether the process is there and no zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    return !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
