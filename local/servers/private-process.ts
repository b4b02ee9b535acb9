import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** A server program that lives no longer than we do. */
export type PrivateProcess<Answer> = {
  /** What `probe` gave when it was ready. */
  readonly answer: Answer;
  /** Ends it; by force when it has not ended in `stopLimitMs`. A second call waits for the same end. */
  end(signal: StopSignal): Promise<void>;
};

type StopSignal = "SIGTERM" | "SIGKILL";

export type ProcessPlan<Answer> = {
  readonly program: string;
  readonly args: readonly string[];
  /** The file that its output is added to; its end is shown when it does not start. */
  readonly log: string;
  /** Asked again and again until it answers: then the server is ready. */
  readonly probe: () => Promise<Answer>;
  readonly readyLimitMs: number;
  readonly stopLimitMs: number;
};

const PROBE_EVERY_MS = 20;

// The server dies with us, even when we are killed: a helper waits on a pipe whose other end only we hold.
const GUARD = `
exec 3<&0
"$@" </dev/null >&2 3<&- &
server=$!
echo $server
( read -r _ <&3; kill -9 $server 2>/dev/null ) >/dev/null 2>&1 &
helper=$!
wait $server
kill $helper 2>/dev/null`;

/**
 * Starts it and waits until it answers. Throws with the end of its log when it ends while it starts or does not
 * answer in `readyLimitMs`.
 */
export async function startPrivateProcess<Answer>(
  plan: ProcessPlan<Answer>,
): Promise<PrivateProcess<Answer>> {
  const output = openSync(plan.log, "a");
  const child = spawn("sh", ["-c", GUARD, "sh", plan.program, ...plan.args], {
    stdio: ["pipe", "pipe", output],
  });
  closeSync(output);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const pid = await readPid(child);
  const end = async (signal: StopSignal) => {
    if (child.exitCode === null) signalTo(pid, signal);
    const force = setTimeout(() => signalTo(pid, "SIGKILL"), plan.stopLimitMs);
    await gone;
    clearTimeout(force);
    child.stdin?.destroy();
  };
  try {
    return { answer: await untilReady(child, plan), end };
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
}

/** A port of the loopback address that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function readPid(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error("the server's process has no output");
  for await (const line of createInterface({ input: child.stdout })) return Number(line);
  throw new Error("the server's process did not start");
}

function signalTo(pid: number, signal: StopSignal): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

async function untilReady<Answer>(
  child: ChildProcess,
  { program, log, probe, readyLimitMs }: ProcessPlan<Answer>,
): Promise<Answer> {
  const endsMs = Date.now() + readyLimitMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (child.exitCode !== null || Date.now() > endsMs) {
        const tail = readFileSync(log, "utf8").slice(-2_000);
        throw new Error(`${program} did not start:\n${tail}`, { cause: error });
      }
      await sleep(PROBE_EVERY_MS);
    }
  }
}
