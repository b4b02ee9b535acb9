import { spawn } from "node:child_process";
import { cpSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseEnv } from "node:util";

const PROJECT = resolve(import.meta.dir, "..");
const NOT_COPIED = /^(node_modules|\.git|dist|out|\.data|\.env\.local)$/;

/** The project as it is cloned, in `folder`, with the packages of this one instead of `npm ci`. */
export function copyProject(folder: string): void {
  cpSync(PROJECT, folder, {
    recursive: true,
    filter: (from) => !NOT_COPIED.test(from.slice(PROJECT.length + 1)),
  });
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"), "dir");
}

export type CloudCommand = {
  /** What it printed: lines for `.env.production`. */
  readonly variables: Readonly<Record<string, string>>;
  end(): Promise<void>;
};

/** `npm run cloud` with private servers, in a copy of the project. */
export async function startCloudCommand(
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<CloudCommand> {
  const args = ["local/cloud-emulator/cloud-command.ts", "--redis", "--mysql", "--quick"];
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let failure = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (failure += text));
  const ended = new Promise<void>((done) => {
    child.once("close", () => done());
  });
  let text = "";
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "") break;
    text += `${line}\n`;
  }
  const variables = parseEnv(text) as Record<string, string>; // every line that it prints has a value
  if (variables["SCF_ENDPOINT"] === undefined) throw new Error(`no cloud: ${failure}`);
  return {
    variables,
    async end() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
