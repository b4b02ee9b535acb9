import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "bun:test";

const PROJECT = resolve(import.meta.dir, "..");
const folder = mkdtempSync(join(tmpdir(), "drape-help-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program of an npm script, in an empty folder: what it writes is seen there. */
async function run(script: string, ...args: readonly string[]) {
  const manifest = readFileSync(join(PROJECT, "package.json"), "utf8");
  const { scripts } = JSON.parse(manifest) as { scripts: Record<string, string> }; // our own
  const program = resolve(PROJECT, scripts[script]?.split(" ")[1] ?? "");
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", DRAPE_ENV_FILES: "none", NODE_ENV: "test" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  }
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, printed, left: readdirSync(folder) };
}

const SCRIPTS = [
  "start",
  "start:api",
  "start:worker",
  "build",
  "deploy:scf",
  "db:migrate",
  "admin:make",
  "ledger:verify",
  "demo",
  "dev",
  "cloud",
  "test:scf",
  "test:api",
  "faults",
];

test.each(SCRIPTS)("npm run %s -- --help says what it does, and does nothing", async (script) => {
  const { code, printed, left } = await run(script, "--help");

  expect([code, left]).toEqual([0, []]);
  expect(printed).toContain(script === "start" ? "npm start" : `npm run ${script}`);
});

test.each(["start", "build", "db:migrate", "demo"])(
  "npm run %s with an option that it does not know ends with 1, and does nothing",
  async (script) => {
    const { code, printed, left } = await run(script, "--hlep");

    expect([code, left]).toEqual([1, []]);
    expect(printed).toContain("--hlep");
  },
);
