import { spawn, spawnSync } from "node:child_process";
import { resolve } from "node:path";

const PROJECT = resolve(import.meta.dir, "..");
const base = { PATH: process.env["PATH"] ?? "", no_proxy: "127.0.0.1", DRAPE_ENV_FILES: "none" };
type Variables = Readonly<Record<string, string>>;

/** Runs a program of the project to its end, in `cwd` and with these variables alone. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, variables }: { readonly cwd: string; readonly variables: Variables },
) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve(PROJECT, program), ...args],
    { cwd, env: { ...base, ...variables }, encoding: "utf8" },
  );
  return { status, out: stdout, err: stderr };
}

/** Starts a program that runs until it is ended; `out` is all that it printed, once it is over. */
export function startProgram(program: string, cwd: string, variables: Variables) {
  const child = spawn(process.execPath, [resolve(PROJECT, program)], {
    cwd,
    env: { ...base, ...variables },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  }
  const out = new Promise<string>((done) => {
    child.once("close", () => done(text));
  });
  return { stdout: child.stdout, out, end: () => void child.kill("SIGTERM") };
}
