import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TERMINAL_STATUSES } from "../../core/model/task.ts";
import { onMariadb } from "../on-mariadb.ts";
import { checkModel } from "./check-model.ts";
import { openSubject, type Subject } from "./subject.ts";

const TIME_LIMIT_MS = 3_600_000;
/** `DRAPE_MODEL_RUNS=5000` looks longer than CI does; `DRAPE_MODEL_SEED` replays the seed that a failure has told. */
const { DRAPE_MODEL_RUNS, DRAPE_MODEL_SEED } = process.env;
const seed = DRAPE_MODEL_SEED === undefined ? {} : { seed: Number(DRAPE_MODEL_SEED) };

function modelSuite(name: string, runs: number, open: () => Promise<Subject>): void {
  describe(`the Store's model on ${name}`, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    test(
      "no history of creates, claims, writes, crashes and ends tells the store and the model apart",
      async () => {
        const startedMs = performance.now();

        const { states, ...done } = await checkModel(subject, {
          ...seed,
          runs: Number(DRAPE_MODEL_RUNS ?? runs),
        });

        const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
        process.stdout.write(`📊 ${name}: ${JSON.stringify({ ...done, states })}, ${seconds} s\n`);
        // Not by having stood still: every end was reached, and leases were lost.
        expect(Object.keys(states)).toEqual(expect.arrayContaining([...TERMINAL_STATUSES]));
        expect(done.takeOvers).toBeGreaterThan(0);
      },
      TIME_LIMIT_MS,
    );
  });
}

modelSuite("SQLite", 200, () => openSubject("sqlite::memory:"));
onMariadb((server) => {
  modelSuite("MariaDB", 50, async () => openSubject(await server().createDatabase("model")));
});
