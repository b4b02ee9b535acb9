import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeNoopFunctions } from "../../bench/noop-functions.ts";
import { brokenInvariants } from "../../db/store.fixture.ts";
import { DEFAULT_TASK_SETTINGS } from "../../core/model/task-settings.ts";
import { isTerminal } from "../../core/model/task.ts";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { generation, openJourney, untilEnded, type Journey } from "../journey.ts";
import { onEachStack } from "../stacks.ts";
import { until } from "../until.ts";

const BODY = generation(["https://example.com/a.jpg"], 1);
const TASKS = 24;
/** In life some minutes: here 10 of the rests that a circuit takes. */
const RESET_MS = 300;
const OUTAGE_MS = 10 * RESET_MS;
/**
 * A call that was answered by 500 is waited out so long before its task's next attempt, and the third one would be the
 * task's last: even an outage that a busy machine draws out is over before two of these.
 */
const CALL_MS = 6_000;

onEachStack((stack) => {
  describe(`the image provider goes away for a while, ${stack.name}`, () => {
    let journey: Journey;
    let client: DemoClient;
    let folder = "";
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "drape-away-"));
      journey = await openJourney(
        { environment: await stack.environment(), functionsDir: await writeNoopFunctions(folder) },
        {
          calls: {
            functionTimeoutMs: {
              ...DEFAULT_TASK_SETTINGS.calls.functionTimeoutMs,
              "image-generator": CALL_MS,
            },
          },
          circuits: { circuitResetMs: RESET_MS },
          retries: { attemptBackoffMs: 200 },
        },
      );
      client = await journey.customer(2_000);
      const first = await client.createTask(BODY);
      await untilEnded(client, first.id);
    });
    afterAll(async () => {
      // The ledger alone: functions that do nothing write no objects.
      expect(await brokenInvariants(journey.db)).toEqual([]);
      await journey.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("the circuit opens, the tasks wait, none ends of it, and all succeed when it is back", async () => {
      const fault = { function: "image-generator", kind: "status", status: 500, times: 0 };
      await journey.control("POST", "/control/scf/faults", fault);
      const created = await Promise.all(
        Array.from({ length: TASKS }, () => client.createTask(BODY)),
      );
      await until(async () => opened(journey) > 0);
      const awayMs = Date.now();
      const { store } = journey;
      const ended = async () => {
        const found = await Promise.all(created.map(({ id }) => store.tasks.findVersion(id)));
        return found.flatMap((one) => (one === null || isTerminal(one.status) ? [one] : []));
      };
      await until(async () => Date.now() - awayMs > OUTAGE_MS);
      const endedAway = await ended();
      const calls = await callsOf(journey);

      await journey.control("DELETE", "/control/scf/faults");
      await until(async () => (await ended()).length === TASKS, 60_000);
      const tasks = await Promise.all(created.map(({ id }) => client.readTask(id)));

      const attempts = Math.max(...tasks.map((task) => task.attempts));
      const facts = { tasks: TASKS, outageMs: OUTAGE_MS, calls, attemptsMax: attempts };
      process.stderr.write(`📊 provider away: ${JSON.stringify(facts)}\n`);
      expect(endedAway).toEqual([]);
      expect(tasks.map(({ status }) => status)).toEqual(tasks.map(() => "succeeded"));
      // Far fewer calls than tasks times tries: the circuit lets one look in each of its rests.
      expect(calls).toBeLessThan(TASKS * 3);
    });
  });
});

function opened({ lines }: Journey): number {
  return lines.filter((line) => line.includes("circuit opened")).length;
}

async function callsOf(journey: Journey): Promise<number> {
  const log = await journey.control("GET", "/control/scf/log");
  const { entries } = log as { entries: readonly { function: string; status: number }[] }; // our own control server
  return entries.filter((entry) => entry.function === "image-generator").length;
}
