/** One thing that a deployment must do. */
export type Check = {
  readonly name: string;
  /** Gives a few words about what was seen; throws with the reason when it is not as it must be. */
  run(): Promise<string>;
};

export type CheckOutcome = {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
};

/** Runs the checks in order and prints a line for each, or one JSON object at the end. Gives the exit code. */
export async function runChecks(
  title: string,
  checks: readonly Check[],
  { json }: { readonly json: boolean },
): Promise<number> {
  const outcomes: CheckOutcome[] = [];
  const width = Math.max(...checks.map(({ name }) => name.length));
  if (!json) process.stdout.write(`🚀 ${title}\n`);
  for (const check of checks) {
    const outcome = await runOne(check);
    outcomes.push(outcome);
    if (json) continue;
    const mark = outcome.ok ? "✅" : "❌";
    const ms = `${outcome.ms}`.padStart(6);
    process.stdout.write(`${mark} ${outcome.name.padEnd(width)} ${ms} ms  ${outcome.detail}\n`);
  }
  const failed = outcomes.filter(({ ok }) => !ok).length;
  const summary = { passed: outcomes.length - failed, failed };
  if (json)
    process.stdout.write(`${JSON.stringify({ title, ...summary, checks: outcomes }, null, 2)}\n`);
  else process.stdout.write(`📊 ${summary.passed} passed, ${summary.failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function runOne({ name, run }: Check): Promise<CheckOutcome> {
  const startedMs = performance.now();
  const ms = () => Math.round(performance.now() - startedMs);
  try {
    const detail = await run();
    return { name, ok: true, ms: ms(), detail };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name, ok: false, ms: ms(), detail };
  }
}
