import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { residentBytes } from "./resident-bytes.ts";
import { EVENT_BYTES_MAX, INIT_LIMIT_MS, MEMORY_CHECK_MS } from "./scf-limits.ts";

export type InstanceSettings = {
  /** The host's Node, by path. */
  readonly node: string;
  readonly folder: string;
  /** "index.main_handler" */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** One line that the function printed. */
  readonly log: (line: string) => void;
};

export type InstanceCall = {
  readonly id: string;
  readonly event: string;
  readonly context: unknown;
};

/** How a call ended: a status of 583/42611, with the answer's JSON (200) or the reason. */
export type CallEnd = {
  readonly status: number;
  readonly text: string;
  readonly memoryBytes: number;
};

const messageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("init-failed"), status: z.number(), text: z.string() }),
  z.object({
    kind: z.literal("answer"),
    id: z.string(),
    status: z.number(),
    text: z.string(),
    rssBytes: z.number(),
  }),
]);

/** One function instance: a child process that serves one call at a time and is reused while it is well. */
export type FunctionInstance = {
  /** False once the process ended or must end: do not reuse it. */
  readonly alive: boolean;
  /** Never throws. After 433, 434 and 439 the instance is gone. */
  call(call: InstanceCall): Promise<CallEnd>;
  /** Kills the process and all that it started; resolves when it is gone. */
  end(): Promise<void>;
};

const SHIM = fileURLToPath(new URL("function-shim.cjs", import.meta.url));

export function startFunctionInstance(settings: InstanceSettings): FunctionInstance {
  const child = spawnShim(settings);
  let alive = true;
  let settleReady: (failure: CallEnd | null) => void = () => {};
  const ready = new Promise<CallEnd | null>((resolve) => {
    settleReady = resolve;
  });
  let current: { readonly id: string; finish(end: CallEnd): void } | null = null;

  const gone = new Promise<void>((resolve) => {
    const over = (how: string): void => {
      alive = false;
      const end = { status: 439, text: `the function's process ended: ${how}`, memoryBytes: 0 };
      settleReady(end);
      current?.finish(end);
      resolve();
    };
    child.once("exit", (code, signal) => over(signal ?? `exit code ${code}`));
    // More than once: a message to a process that just ended is an error of its own.
    child.on("error", (error) => over(error.message));
  });
  child.on("message", (raw: unknown) => {
    // A function may send messages of its own: they are none of ours.
    const message = messageSchema.safeParse(raw).data;
    if (message?.kind === "ready") settleReady(null);
    if (message?.kind === "init-failed") {
      alive = false;
      settleReady({ status: message.status, text: message.text, memoryBytes: 0 });
    }
    if (message?.kind === "answer" && message.id === current?.id) {
      current.finish({ status: message.status, text: message.text, memoryBytes: message.rssBytes });
    }
  });

  const end = async (): Promise<void> => {
    alive = false;
    killGroup(child);
    await gone;
  };
  const endAs = async (status: number, text: string): Promise<CallEnd> => {
    await end();
    return { status, text, memoryBytes: 0 };
  };

  return {
    get alive() {
      return alive;
    },
    async call(call) {
      const loadLimit = limit(INIT_LIMIT_MS);
      const notReady = await Promise.race([ready, loadLimit]);
      loadLimit.clear();
      if (notReady === "late") return await endAs(433, "the function did not load in time");
      if (notReady !== null) return notReady;

      const answered = new Promise<CallEnd>((resolve) => {
        current = { id: call.id, finish: resolve };
      });
      if (!alive) return await endAs(439, "the function's process ended");
      child.send({ id: call.id, event: call.event, context: call.context });
      const watch = watchMemory(child, settings.memoryMb);
      const late = limit(settings.timeoutMs);
      const how = await Promise.race([answered, late, watch.exceeded]);
      watch.stop();
      late.clear();
      current = null;
      if (how === "late") return await endAs(433, `no answer within ${settings.timeoutMs} ms`);
      if (how === "memory") {
        const exceeded = await endAs(434, `more memory used than ${settings.memoryMb} MB`);
        return { ...exceeded, memoryBytes: watch.peakBytes() };
      }
      return { ...how, memoryBytes: Math.max(how.memoryBytes, watch.peakBytes()) };
    },
    end,
  };
}

function spawnShim(settings: InstanceSettings): ChildProcess {
  const child = spawn(
    settings.node,
    [SHIM, settings.folder, settings.handler, String(EVENT_BYTES_MAX)],
    {
      cwd: settings.folder,
      env: { ...settings.environment },
      stdio: ["pipe", "pipe", "pipe", "ipc"],
      // A group of its own: Ctrl-C in the terminal does not reach it, and its own children end with it.
      detached: true,
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n")) if (line !== "") settings.log(line);
    });
  }
  child.stdin?.on("error", () => {});
  return child;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

type Limit = Promise<"late"> & { clear(): void };

function limit(ms: number): Limit {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
    timer.unref();
  });
  return Object.assign(late, { clear: () => clearTimeout(timer) });
}

function watchMemory(child: ChildProcess, memoryMb: number) {
  let peakBytes = 0;
  let exceed: (how: "memory") => void = () => {};
  const exceeded = new Promise<"memory">((resolve) => {
    exceed = resolve;
  });
  const timer = setInterval(async () => {
    const bytes = child.pid === undefined ? 0 : await residentBytes(child.pid);
    peakBytes = Math.max(peakBytes, bytes);
    if (bytes > memoryMb * 1024 * 1024) exceed("memory");
  }, MEMORY_CHECK_MS);
  return { exceeded, peakBytes: () => peakBytes, stop: () => clearInterval(timer) };
}
