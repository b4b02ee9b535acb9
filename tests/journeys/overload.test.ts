import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "bun:test";
import { writeNoopFunctions } from "../../bench/noop-functions.ts";
import { brokenInvariants } from "../../db/store.fixture.ts";
import { onOwnMariadb } from "../on-mariadb.ts";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { onRedis } from "../on-redis.ts";
import { newFleetCustomer } from "../fleet-customer.ts";
import { openFleet, type Fleet } from "../fleet.ts";
import { generation } from "../journey.ts";
import { untilIdle } from "../queued-tasks.ts";
import { until } from "../until.ts";

const BODY = generation(["https://example.com/a.jpg"], 1);
const CREATE = "/api/ai-image/generate";
const LIMIT_MS = 60_000;
/** A create is answered in this time, whatever is away. */
const ANSWER_MS = 1_500;

onOwnMariadb((mariadb) => {
  onRedis((redis) => {
    describe("more than can be done, on Redis and MariaDB", () => {
      let opened: { readonly fleet: Fleet; readonly dataDir: string } | undefined;
      afterEach(async () => {
        await opened?.fleet.stop();
        if (opened !== undefined) rmSync(opened.dataDir, { recursive: true, force: true });
      });

      async function open(environment: Readonly<Record<string, string>>): Promise<Fleet> {
        const dataDir = mkdtempSync(join(tmpdir(), "drape-overload-"));
        const functionsDir = await writeNoopFunctions(join(dataDir, "noop"));
        const name = `d${randomUUID().replaceAll("-", "").slice(0, 16)}`;
        const fleet = await openFleet({
          databaseUrl: await mariadb().createDatabase(name),
          redis: { host: redis().host, port: redis().port },
          redisPrefix: `{${name}}`,
          cloud: { dataDir, functionsDir },
          environment,
        });
        opened = { fleet, dataDir };
        return fleet;
      }

      test("the queue's limit holds for two apis: beyond it 503, nothing acknowledged, and later all is done", async () => {
        const fleet = await open({ QUEUE_LIMIT: "40" });
        const apis = [await fleet.start("api"), await fleet.start("api")];
        const clients = await Promise.all(
          apis.map(({ url }) => newFleetCustomer(fleet, url, 10_000)),
        );

        const answers = await Promise.all(
          Array.from({ length: 120 }, (_, nth) => clients[nth % 2]).map((client) => create(client)),
        );
        const later = await create(clients[1]);
        const accepted = answers.filter(({ status }) => status === 202).length;
        const refused = answers.filter(({ status }) => status !== 202);
        const live = await liveTasks(fleet);
        await fleet.start("worker");
        await untilIdle(fleet, LIMIT_MS);

        process.stderr.write(`📊 limit 40, 120 sent at once to 2 apis: ${accepted} accepted\n`);
        for (const answer of refused) {
          expect(answer).toMatchObject({ status: 503, code: "QUEUE_FULL", retryAfter: "5" });
        }
        expect(accepted).toBe(live);
        expect(accepted).toBeGreaterThanOrEqual(40);
        // Each api knows what it let in itself, and learns of the other between two of its counts.
        expect(accepted).toBeLessThanOrEqual(2 * 40);
        expect(later.code).toBe("QUEUE_FULL");
        expect((await create(clients[0])).status).toBe(202);
        expect(await succeeded(fleet)).toBeGreaterThanOrEqual(accepted);
        await untilIdle(fleet, LIMIT_MS);
        expect(await brokenInvariants(fleet.db)).toEqual([]);
      });

      test("without Redis tasks are accepted up to a limit, told and streamed; when it is back all are done", async () => {
        const fleet = await open({ OUTAGE_QUEUE_LIMIT: "20" });
        const api = await fleet.start("api");
        await fleet.start("worker");
        const client = await newFleetCustomer(fleet, api.url, 10_000);
        await redis().kill();

        const answers: Answer[] = [];
        for (let count = 0; count < 40; count += 1) answers.push(await create(client));
        const accepted = answers.filter(({ status }) => status === 202);
        const id = accepted[0]?.id ?? "";
        const read = await client.raw("GET", `/api/v1/ai-generation/tasks/${id}`);
        const health = await Promise.all(
          ["live", "ready"].map((path) => client.raw("GET", `/health/${path}`)),
        );
        const stream = client.follow(id);
        const first = await stream.next();
        await redis().restart();
        const types: string[] = [];
        for await (const { type } of stream) types.push(type);
        await untilIdle(fleet, LIMIT_MS);

        const facts = { accepted: accepted.length, slowestMs: slowest(answers) };
        process.stderr.write(`📊 Redis away, limit 20, 40 sent: ${JSON.stringify(facts)}\n`);
        expect(answers.at(-1)).toMatchObject({ status: 503, code: "QUEUE_FULL" });
        expect(facts.accepted).toBeGreaterThanOrEqual(20);
        expect(facts.accepted).toBeLessThanOrEqual(25);
        expect(facts.slowestMs).toBeLessThan(ANSWER_MS);
        expect([read.status, ...health.map(({ status }) => status)]).toEqual([200, 200, 200]);
        expect(first.value?.type).toBe("task.snapshot");
        expect([types.at(-1)]).toContainEqual(expect.stringMatching(/task\.(succeeded|snapshot)/));
        expect(await succeeded(fleet)).toBe(facts.accepted);
        expect(await brokenInvariants(fleet.db)).toEqual([]);
      });

      test("without the database creates are refused at once, the process lives, and it goes on when it is back", async () => {
        const fleet = await open({});
        const api = await fleet.start("api");
        await fleet.start("worker");
        const client = await newFleetCustomer(fleet, api.url, 10_000);
        const before = await create(client);
        await untilIdle(fleet, LIMIT_MS);
        await mariadb().kill();

        const answers: Answer[] = [];
        for (let count = 0; count < 20; count += 1) answers.push(await create(client));
        const live = await client.raw("GET", "/health/live");
        const ready = await client.raw("GET", "/health/ready");
        await mariadb().restart();
        await until(async () => (await create(client)).status === 202, LIMIT_MS);
        await untilIdle(fleet, LIMIT_MS);

        const facts = { slowestMs: slowest(answers) };
        process.stderr.write(`📊 database away: ${JSON.stringify(facts)}\n`);
        expect(before.status).toBe(202);
        for (const answer of answers) {
          expect(answer).toMatchObject({ status: 503, code: "UNAVAILABLE", retryAfter: "1" });
        }
        expect(facts.slowestMs).toBeLessThan(ANSWER_MS);
        expect([live.status, ready.status]).toEqual([200, 503]);
        expect(await succeeded(fleet)).toBe(2);
        expect(await brokenInvariants(fleet.db)).toEqual([]);
      });
    });
  });
});

type Answer = {
  readonly status: number;
  readonly id: string;
  readonly code: string;
  readonly retryAfter: string | null;
  readonly ms: number;
};

async function create(client: DemoClient | undefined): Promise<Answer> {
  if (client === undefined) throw new Error("there is no such client");
  const startedMs = performance.now();
  const answer = await client.raw("POST", CREATE, BODY);
  const body = (await answer.json()) as { id?: string; code?: string }; // a task or a problem
  return {
    status: answer.status,
    id: body.id ?? "",
    code: body.code ?? "",
    retryAfter: answer.headers.get("retry-after"),
    ms: Math.round(performance.now() - startedMs),
  };
}

function slowest(answers: readonly Answer[]): number {
  return Math.max(...answers.map(({ ms }) => ms));
}

async function liveTasks({ db }: Fleet): Promise<number> {
  const rows = await db.kysely
    .selectFrom("tasks")
    .select("id")
    .where("status", "in", ["queued", "running"])
    .execute();
  return rows.length;
}

async function succeeded({ db }: Fleet): Promise<number> {
  const rows = await db.kysely
    .selectFrom("tasks")
    .select("id")
    .where("status", "=", "succeeded")
    .execute();
  return rows.length;
}
