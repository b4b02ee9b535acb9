import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { brokenInvariants } from "../../db/store.fixture.ts";
import { openFleet, type Fleet, type Runtime } from "../fleet.ts";
import { generation, untilEnded, uploadSample } from "../journey.ts";
import { newFleetCustomer } from "../fleet-customer.ts";
import { onServers } from "../stacks.ts";
import { until } from "../until.ts";

const RUNTIMES: readonly Runtime[] = ["bun", "node"];
const TAKE_OVER_MS = 30_000;

onServers((stack) => {
  for (const runtime of RUNTIMES) {
    describe(`api and worker as processes of their own, on ${runtime}, ${stack.name}`, () => {
      let fleet: Fleet;
      const dataDir = mkdtempSync(join(tmpdir(), "drape-fleet-"));
      beforeAll(async () => {
        fleet = await openFleet({ ...(await stack.options()), cloud: { dataDir } });
      }, 60_000);
      afterAll(async () => {
        expect(await brokenInvariants(fleet.db)).toEqual([]);
        await fleet.stop();
        rmSync(dataDir, { recursive: true, force: true });
      });

      test("the whole job is done, and both stop in order when they are told to", async () => {
        const api = await fleet.start("api", runtime);
        const worker = await fleet.start("worker", runtime);
        const client = await newFleetCustomer(fleet, api.url, 100);
        const created = await client.createTask(generation([await uploadSample(client)], 2));

        const task = await untilEnded(client, created.id);
        const codes = [await api.end("SIGTERM"), await worker.end("SIGTERM")];

        expect([task.status, task.cost]).toEqual([
          "succeeded",
          { held: 22, charged: 22, refunded: 0 },
        ]);
        expect(codes).toEqual([0, 0]);
      }, 60_000);

      test("a worker that stops in the middle hands its task back, and the next one ends it", async () => {
        const api = await fleet.start("api", runtime);
        const first = await fleet.start("worker", runtime);
        const client = await newFleetCustomer(fleet, api.url, 100);
        await heldPictures(fleet, 1_500, 1);
        const created = await client.createTask(generation([await uploadSample(client)], 1));
        await untilAsked(fleet, created.id);

        const code = await first.end("SIGTERM");
        const second = await fleet.start("worker", runtime);
        const task = await untilEnded(client, created.id);
        await second.end("SIGTERM");
        await api.end("SIGTERM");

        expect([code, task.status, task.attempts, task.cost.charged]).toEqual([
          0,
          "succeeded",
          0,
          12,
        ]);
        expect(await pictureRequests(fleet)).toHaveLength(1);
      }, 60_000);
    });
  }

  describe(`a worker that is killed, ${stack.name}`, () => {
    test("its task is taken over: succeeded, charged once, no picture asked for twice", async () => {
      const dataDir = mkdtempSync(join(tmpdir(), "drape-fleet-"));
      const fleet = await openFleet({ ...(await stack.options()), cloud: { dataDir } });
      try {
        const api = await fleet.start("api");
        const first = await fleet.start("worker");
        const client = await newFleetCustomer(fleet, api.url, 100);
        await heldPictures(fleet, 5_000, 2);
        const created = await client.createTask(generation([await uploadSample(client)], 2));
        await untilAsked(fleet, created.id);

        await first.end("SIGKILL");
        await fleet.start("worker");
        // The database is asked: so many requests for so long are more than a customer may send.
        await until(async () => (await statusOf(fleet, created.id)) === "succeeded", TAKE_OVER_MS);
        const task = await client.readTask(created.id);

        const asked = await pictureRequests(fleet);
        process.stderr.write(`📊 the image model's own log: ${JSON.stringify(asked)}\n`);
        expect(task.cost).toEqual({ held: 22, charged: 22, refunded: 0 });
        expect(asked).toHaveLength(2);
        expect(await brokenInvariants(fleet.db)).toEqual([]);
      } finally {
        await fleet.stop();
        rmSync(dataDir, { recursive: true, force: true });
      }
    }, 90_000);
  });
});

describe("a process alone", () => {
  for (const house of ["api", "worker"]) {
    test(`start:${house} without Redis and MySQL is refused, with what to set`, () => {
      const program = resolve(import.meta.dir, `../../${house}/main.ts`);
      const env = { PATH: process.env["PATH"], NODE_ENV: "test" };

      const run = spawnSync(process.execPath, [program], { env, encoding: "utf8" });

      expect(run.status).toBe(1);
      expect(run.stderr).toContain("REDIS_HOST");
      expect(run.stderr).toContain("npm start");
    });
  }
});

/** The image stand-in holds its next answers. */
async function heldPictures(fleet: Fleet, delayMs: number, times: number): Promise<void> {
  await fetch(`${fleet.cloud.providersUrl}/control/log`, { method: "DELETE" });
  await fetch(`${fleet.cloud.providersUrl}/control/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ route: "images", kind: "delay", delayMs, times }),
  });
}

async function statusOf({ db }: Fleet, id: string): Promise<string | undefined> {
  const row = await db.kysely
    .selectFrom("tasks")
    .select("status")
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.status;
}

async function untilAsked(fleet: Fleet, taskId: string): Promise<void> {
  await until(async () => {
    const asked = await fleet.db.kysely
      .selectFrom("steps")
      .select("idx")
      .where("taskId", "=", taskId)
      .where("step", "=", "generate")
      .where("askedAt", ">", 0)
      .execute();
    return asked.length > 0;
  });
}

type PictureRequest = { readonly at: string; readonly status: number; readonly durationMs: number };

async function pictureRequests(fleet: Fleet): Promise<readonly PictureRequest[]> {
  const answer = await fetch(`${fleet.cloud.providersUrl}/control/log?route=images`);
  const { requests } = (await answer.json()) as { requests: PictureRequest[] }; // our own stand-in's answer
  return requests.map(({ at, status, durationMs }) => ({ at, status, durationMs }));
}
