import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractTable } from "./repository/contract-table.ts";

/** `npm test`: every test, then how many each adapter ran of its port's contract. Fails when adapters differ. */
function main(args: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), "drape-tests-"));
  const report = join(folder, "report.xml");
  try {
    const flags = ["--timeout", "30000", "--reporter=junit", `--reporter-outfile=${report}`];
    const run = spawnSync(process.execPath, ["test", ...flags, ...args], { stdio: "inherit" });
    if (args.length > 0) return run.status ?? 1;
    const { text, even } = contractTable(readFileSync(report, "utf8"));
    process.stdout.write(`\n${text}\n`);
    if (!even) process.stderr.write("❌ adapters of one port ran different numbers of tests\n");
    return even ? (run.status ?? 1) : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exit(main(process.argv.slice(2)));
