import * as fc from "fast-check";
import { leaseCommands } from "./lease-commands.ts";
import { queueCommands } from "./queue-commands.ts";
import type { Subject } from "./subject.ts";

const COMMANDS_MAX = 60;

export type Amount = {
  readonly runs: number;
  /** Replays what a failure has told. */
  readonly seed?: number;
  /** Gives the first history that fails, without looking for a shorter one. */
  readonly endOnFailure?: boolean;
};
export type Checked = {
  readonly runs: number;
  readonly commands: number;
  /** How many tasks were in each state when their history was over, and how many leases had been taken over. */
  readonly states: Readonly<Record<string, number>>;
  readonly takeOvers: number;
};

/**
 * Runs random histories of a Store against the model. Throws with the seed and the shortest history found that tells
 * them apart.
 */
export async function checkModel(subject: Subject, { runs, ...how }: Amount): Promise<Checked> {
  const states: Record<string, number> = {};
  const done = { runs: 0, commands: 0, takeOvers: 0 };
  const all = [...queueCommands, ...leaseCommands];
  const property = fc.asyncProperty(
    fc.commands([...all], { maxCommands: COMMANDS_MAX, size: "max" }),
    async (commands) => {
      const run = await subject.begin();
      await fc.asyncModelRun(() => ({ model: run.model, real: run }), commands);
      await run.end();
      done.runs += 1;
      done.commands += run.model.acts;
      for (const { status, crashes } of run.model.list()) {
        states[status] = (states[status] ?? 0) + 1;
        done.takeOvers += crashes;
      }
    },
  );
  await fc.assert(property, { ...how, numRuns: runs });
  return { ...done, states };
}
