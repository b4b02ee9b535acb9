import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  copyFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";

const USAGE = `npm run faults:mutants -- [--only "no fence"]

Plants one safety bug after another in a copy of the tree and runs the test that is named beforehand. It must fail there
with its own assertion, and pass on the unchanged copy.`;

const PROJECT = resolve(import.meta.dir, "../..");
const TEST_LIMIT_MS = 180_000;

type Outcome = { readonly mutant: string; readonly caught: boolean; readonly why: string };

function main(): number {
  const { values } = parseArgs({
    options: { only: { type: "string" }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const copy = copyTree();
  try {
    const chosen = MUTANTS.filter(({ name }) => values.only === undefined || name === values.only);
    const outcomes = chosen.map((mutant) => {
      const outcome = judge(copy, mutant);
      process.stdout.write(
        `${outcome.caught ? "✅" : "❌"} ${mutant.name.padEnd(40)} ${outcome.why}\n`,
      );
      return outcome;
    });
    const caught = outcomes.filter((outcome) => outcome.caught).length;
    process.stdout.write(
      `${caught === outcomes.length ? "✅" : "❌"} ${caught} of ${outcomes.length} planted bugs caught\n`,
    );
    return caught === outcomes.length && outcomes.length > 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Every tracked file as it is now, beside the same node_modules. */
function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), "drape-mutants-"));
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: PROJECT, encoding: "utf8" });
  for (const file of listed.split("\0").filter((name) => name !== "")) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(PROJECT, file), join(copy, file));
  }
  symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"), "dir");
  return copy;
}

function judge(copy: string, mutant: Mutant): Outcome {
  const result = (caught: boolean, why: string) => ({ mutant: mutant.name, caught, why });
  const sound = runTest(copy, mutant);
  if (sound.status !== 0)
    return result(false, `the unchanged code fails: ${lastLine(sound.output)}`);
  if (!sound.output.includes("(pass)"))
    return result(false, "the unchanged code runs no such test");
  const originals = new Map<string, string>();
  try {
    for (const { file, find, replace } of mutant.edits) {
      const path = join(copy, file);
      const text = readFileSync(path, "utf8");
      originals.set(path, originals.get(path) ?? text);
      if (text.split(find).length !== 2) return result(false, `the patch does not fit ${file}`);
      writeFileSync(
        path,
        text.replace(find, () => replace),
      );
    }
    const { status, output } = runTest(copy, mutant);
    const failed = output
      .split("\n")
      .find((line) => line.startsWith("(fail)") && line.includes(mutant.test));
    if (status === 0) return result(false, "no test noticed");
    if (failed === undefined) return result(false, `something else failed: ${lastLine(output)}`);
    if (!mutant.sign.test(output)) return result(false, "it failed, but not by its assertion");
    return result(true, `by ${mutant.file}: "${mutant.test}"`);
  } finally {
    for (const [path, text] of originals) writeFileSync(path, text);
  }
}

function runTest(copy: string, { file, test }: Mutant): { status: number; output: string } {
  const pattern = test.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const run = spawnSync(process.execPath, ["test", file, "-t", pattern, "--timeout", "60000"], {
    cwd: copy,
    encoding: "utf8",
    timeout: TEST_LIMIT_MS,
  });
  return { status: run.status ?? 1, output: `${run.stdout}\n${run.stderr}` };
}

function lastLine(output: string): string {
  return (
    output
      .split("\n")
      .filter((line) => /error|fail/i.test(line))
      .at(-1)
      ?.slice(0, 160) ?? ""
  );
}

process.exit(main());
