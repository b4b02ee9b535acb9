/** One thing that a deployment must do. */
export type Check = {
  readonly name: string;
  /** Why it cannot be tried, with the cure; asked when its turn comes. It is tried when this is absent or gives null. */
  readonly skip?: () => string | null;
  /** Gives a few words about what was seen; throws with the reason when it is not as it must be. */
  run(): Promise<string>;
};

export type CheckOutcome = {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly ms: number;
  readonly detail: string;
};

export type RunOptions = {
  readonly json: boolean;
  /** A check that was skipped fails the run. */
  readonly strict: boolean;
};

const MARKS = { passed: "✅", failed: "❌", skipped: "⏭️ " } as const;

/**
 * Runs the checks in order and prints a line for each, each reason for skipping once, and the counts last; or one JSON
 * object. Gives the exit code: 1 when a check failed, or was skipped where `strict` is wanted.
 */
export async function runChecks(
  title: string,
  checks: readonly Check[],
  { json, strict }: RunOptions,
): Promise<number> {
  const outcomes: CheckOutcome[] = [];
  const width = Math.max(...checks.map(({ name }) => name.length));
  if (!json) process.stdout.write(`🚀 ${title}\n`);
  for (const check of checks) {
    const outcome = await runOne(check);
    outcomes.push(outcome);
    if (!json) process.stdout.write(`${line(outcome, width)}\n`);
  }
  const count = (state: CheckOutcome["state"]) =>
    outcomes.filter((outcome) => outcome.state === state).length;
  const counts = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  const skipped = outcomes.filter(({ state }) => state === "skipped");
  const hints = [...new Set(skipped.map(({ detail }) => detail))];
  if (json) {
    const report = { title, ...counts, hints, checks: outcomes };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    for (const hint of hints) process.stdout.write(`📊 skipped: ${hint}\n`);
    const { passed, failed } = counts;
    process.stdout.write(`${passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
  }
  return counts.failed > 0 || (strict && counts.skipped > 0) ? 1 : 0;
}

function line({ name, state, ms, detail }: CheckOutcome, width: number): string {
  const result = state === "skipped" ? "skipped" : `${`${ms}`.padStart(6)} ms  ${detail}`;
  return `${MARKS[state]} ${name.padEnd(width)} ${result}`;
}

async function runOne({ name, skip, run }: Check): Promise<CheckOutcome> {
  const why = skip?.() ?? null;
  if (why !== null) return { name, state: "skipped", ms: 0, detail: why };
  const startedMs = performance.now();
  const ms = () => Math.round(performance.now() - startedMs);
  try {
    const detail = await run();
    return { name, state: "passed", ms: ms(), detail };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name, state: "failed", ms: ms(), detail };
  }
}
