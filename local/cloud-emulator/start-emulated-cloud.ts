import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cloudReadySchema, type CloudOptions, type CloudReady } from "./cloud-options.ts";

export type EmulatedCloud = Omit<CloudReady, "ready"> & {
  readonly pid: number;
  /** Resolves when the process has ended, asked or not. */
  readonly ended: Promise<void>;
  /** Asks it to end, and kills it after 3 s. Its functions end with it. May be called again. */
  stop(): Promise<void>;
};

export type StartOptions = CloudOptions & {
  /** Lines that the cloud and its functions print. */
  readonly onLog?: (line: string) => void;
};

const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 3_000;
const TAIL_LINES_MAX = 40;
const PROGRAM = fileURLToPath(new URL("cloud-process.ts", import.meta.url));
const BUN_OF_PACKAGE = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));

/**
 * Starts the emulated cloud in a process of its own and resolves when it listens. Rejects with the tail of its
 * log when it ends early or is not ready within 20 s. It dies with this process, however that one dies.
 * Adds 127.0.0.1 to this process's `no_proxy`.
 */
export async function startEmulatedCloud({
  onLog,
  ...options
}: StartOptions): Promise<EmulatedCloud> {
  keepProxyOffLoopback(process.env);
  const bun = "bun" in process.versions ? process.execPath : BUN_OF_PACKAGE;
  const child = spawn(bun, [PROGRAM], { env: cleanEnvironment(), stdio: ["pipe", "pipe", "pipe"] });
  const tail: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    tail.push(line);
    if (tail.length > TAIL_LINES_MAX) tail.shift();
    onLog?.(line);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", (error) => {
      tail.push(error.message);
      resolve();
    });
  });
  // The keys go by stdin: arguments can be read by everybody on the machine. It stays open as the sign of life.
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(options)}\n`);

  const stop = (): Promise<void> => stopProcess(child, ended);
  const ready = await Promise.race([readyLine(child), ended.then(() => null), limit()]);
  if (ready === null || ready === "late") {
    await stop();
    const why =
      ready === null ? "ended before it was ready" : `was not ready in ${READY_LIMIT_MS} ms`;
    throw new Error(`The emulated cloud ${why}. Its last lines:\n${tail.join("\n")}`);
  }
  const { ready: _, ...endpoints } = ready;
  return { ...endpoints, pid: child.pid ?? 0, ended, stop };
}

/** Bun sends loopback calls to `http_proxy` as well, unless `no_proxy` names the address; it reads both anew. */
function keepProxyOffLoopback(environment: NodeJS.ProcessEnv): void {
  for (const name of ["no_proxy", "NO_PROXY"]) {
    const hosts = (environment[name] ?? "").split(",").filter(Boolean);
    if (!hosts.includes("127.0.0.1")) environment[name] = [...hosts, "127.0.0.1"].join(",");
  }
}

/** No proxy and no key of this process: the cloud is told all it needs. */
function cleanEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "TZ", "LANG"];
  const pairs = kept.map((name): [string, string | undefined] => [name, process.env[name]]);
  return Object.fromEntries(
    pairs.filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

function readyLine(child: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<CloudReady> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      const ready = cloudReadySchema.safeParse(JSON.parse(line)).data;
      if (ready !== undefined) resolve(ready);
    });
  });
}

async function stopProcess(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

function limit(): Promise<"late"> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("late"), READY_LIMIT_MS).unref();
  });
}
