import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** One shell for all lines of a guide, so that what one sets the next one knows. */
export type GuideShell = {
  /** Runs a line to its end; gives what it printed, and its exit code. */
  run(line: string): Promise<{ readonly code: number; readonly out: string }>;
  /** Starts a line that runs until the end; its output is shown by `printed` only. */
  start(line: string): Promise<void>;
  /** What the lines that were started have printed. */
  printed(): string;
  /** Ends the shell and all that it started. */
  end(): Promise<void>;
};

const END = "@@end@@";
const STOP_LIMIT_MS = 15_000;

export function openGuideShell(
  cwd: string,
  environment: Readonly<Record<string, string>>,
): GuideShell {
  // A group of its own, so that whatever npm starts ends with it.
  const child = spawn("sh", [], {
    cwd,
    env: { ...environment },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  let started = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (started += text));
  let lines: string[] = [];
  let resolveEnd = (_code: number): void => {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith(END)) resolveEnd(Number(line.slice(END.length)));
    else lines.push(line);
  });
  const send = (text: string): Promise<number> => {
    const done = new Promise<number>((resolve, reject) => {
      resolveEnd = resolve;
      void ended.then(() => reject(new Error(`the shell has ended:\n${started}`)));
    });
    // On lines of their own: a line may end with a comment. The commands must not read the lines that follow.
    child.stdin.write(`${text}\nprintf '\\n${END}%s\\n' $?\n`);
    return done;
  };
  return {
    async run(line) {
      lines = [];
      const code = await send(`{\n${line}\n} </dev/null 2>&1`);
      return { code, out: lines.join("\n") };
    },
    async start(line) {
      await send(`{\n${line}\n} </dev/null >&2 &`);
    },
    printed: () => started,
    async end() {
      signal(child.pid, "SIGTERM");
      const force = setTimeout(() => signal(child.pid, "SIGKILL"), STOP_LIMIT_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

function signal(pid: number | undefined, name: "SIGTERM" | "SIGKILL"): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // It is gone already.
  }
}
