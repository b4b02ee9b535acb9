import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { contractTable } from "./runner/contract-table.ts";
import { runBatch, type BatchResult } from "./runner/run-batch.ts";
import { runConcurrently } from "./runner/run-concurrently.ts";
import { makeSharedParts } from "./runner/shared-parts.ts";
import { testEnvironment } from "./runner/test-environment.ts";
import { countTests } from "./runner/test-counts.ts";
import { batchesOf, testFiles } from "./runner/test-files.ts";

/** Each worker may have a whole product with its functions under way. */
const CONCURRENCY_MAX = 4;

/**
 * `npm test`: every test, with one worker more than the machine has processors, then how many each adapter ran of its
 * port's contract. Fails when adapters differ, and with `CI=true` when a test was skipped. With arguments it is `bun
 * test`.
 */
async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0)
    return (
      spawnSync(process.execPath, ["test", ...args], {
        env: testEnvironment(process.env),
        stdio: "inherit",
      }).status ?? 1
    );
  const startedMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "drape-tests-"));
  const shared = await makeSharedParts(folder);
  try {
    const batches = batchesOf(testFiles(process.cwd()));
    // One more than processors: a journey waits for others a quarter of its time.
    const concurrency = Math.min(CONCURRENCY_MAX, availableParallelism() + 1);
    const results = await runConcurrently(batches, concurrency, async (files, nth) => {
      const result = await runBatch(files, join(folder, `report-${nth}.xml`), shared.environment);
      process.stdout.write(result.text);
      return result;
    });
    return conclude(results, performance.now() - startedMs);
  } finally {
    await shared.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function conclude(results: readonly BatchResult[], tookMs: number): number {
  const junit = results.map((result) => result.junit).join("");
  const text = results.map((result) => result.text).join("\n");
  const counts = countTests(junit);
  const { text: table, faults } = contractTable(junit);
  // A process that died, or an error beside all tests, is in no report.
  const silent = results.filter(
    (result) => !result.ok && countTests(result.junit).fail === 0,
  ).length;
  const skipsFail = process.env["CI"] === "true" && counts.skip > 0;
  process.stdout.write(`\n${table}\n\n`);
  const failed = linesOf(text, /^\(fail\) /).map((line) => `❌ ${line}`);
  const skipped = linesOf(text, /DO NOT RUN/);
  const notes = [...failed, ...skipped, ...faults.map((fault) => `❌ ${fault}`)];
  if (silent > 0) notes.push(`❌ ${silent} processes failed beside their tests: see above`);
  if (counts.skip > 0) notes.push(`⚠️  ${counts.skip} tests were SKIPPED`);
  for (const note of notes) process.stdout.write(`${note}\n`);
  process.stdout.write(
    `\n ${counts.pass} pass\n ${counts.skip} skip\n ${counts.fail + silent} fail\n`,
  );
  const total = counts.pass + counts.fail + counts.skip;
  process.stdout.write(`Ran ${total} tests in ${Math.round(tookMs / 1_000)} s\n`);
  return counts.fail + silent + faults.length > 0 || skipsFail ? 1 : 0;
}

function linesOf(text: string, pattern: RegExp): string[] {
  return [...new Set(text.split("\n").filter((line) => pattern.test(line)))];
}

process.exit(await main(process.argv.slice(2)));
