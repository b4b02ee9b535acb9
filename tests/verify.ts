import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { touchedTests } from "./runner/touched-tests.ts";

/**
 * `npm run verify`: the checks, then the tests beside what the working tree changes since it left `main`, and beside
 * what imports that. For the way to a commit; `npm test` says whether everything holds.
 */
function main(): number {
  if (run("npm", ["run", "--silent", "check"]) !== 0) return 1;
  const sources = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const files = linesOf([...sources, "*.ts"]).filter((path) => existsSync(path));
  const [base = "HEAD"] = linesOf(["merge-base", "main", "HEAD"]);
  const changed = [
    ...linesOf(["diff", "--name-only", base]),
    ...linesOf(["ls-files", "--others", "--exclude-standard"]),
  ];
  const tests = touchedTests(changed, files);
  process.stdout.write(`${changed.length} files changed: ${tests.length} test files beside them\n`);
  if (tests.length === 0) return 0;
  return run(process.execPath, ["test", ...tests.map((path) => `./${path}`)]);
}

function run(program: string, args: readonly string[]): number {
  return spawnSync(program, args, { stdio: "inherit" }).status ?? 1;
}

function linesOf(args: readonly string[]): string[] {
  const { stdout } = spawnSync("git", args, { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line !== "");
}

process.exit(main());
