import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { isTerminal } from "../../core/model/task.ts";
import { createStore } from "../../db/store.ts";
import { brokenInvariants } from "../../db/store.fixture.ts";
import { builtFunctions } from "../built-functions.ts";
import { openFleet, type Fleet } from "../fleet.ts";
import { generation, untilEnded, uploadSample } from "../journey.ts";
import { newFleetCustomer } from "../fleet-customer.ts";
import { chosenRuntime, PROGRAMS, type Runtime } from "../runtimes.ts";
import { onServers } from "../stacks.ts";
import { until } from "../until.ts";

const RUNTIMES: readonly Runtime[] = ["bun", "node"];
const TAKE_OVER_MS = 180_000;

onServers((stack) => {
  for (const runtime of RUNTIMES) {
    describe(`api and worker as processes of their own, on ${runtime}, ${stack.name}`, () => {
      let fleet: Fleet;
      let dataDir = "";
      beforeAll(async () => {
        dataDir = mkdtempSync(join(tmpdir(), "drape-fleet-"));
        fleet = await openFleet({ ...(await stack.options()), cloud: cloudIn(dataDir) });
      });
      afterAll(async () => {
        expect(await brokenInvariants(fleet.db)).toEqual([]);
        await fleet.stop();
        rmSync(dataDir, { recursive: true, force: true });
      });

      test("the whole job is done; a worker that stops hands its task back, and the next one ends it", async () => {
        const api = await fleet.start("api", runtime);
        const first = await fleet.start("worker", runtime);
        const client = await newFleetCustomer(fleet, api.url, 100);
        const photo = await uploadSample(client);
        const whole = await client.createTask(generation([photo], 2));
        const done = await untilEnded(client, whole.id);
        await heldPictures(fleet, 1_500, 1);
        const created = await client.createTask(generation([photo], 1));
        await untilAllHeld(fleet);

        const codes = [await first.end("SIGTERM")];
        const second = await fleet.start("worker", runtime);
        const task = await untilEnded(client, created.id);
        codes.push(await second.end("SIGTERM"), await api.end("SIGTERM"));

        expect([done.status, done.cost]).toEqual([
          "succeeded",
          { held: 22, charged: 22, refunded: 0 },
        ]);
        expect([task.status, task.attempts, task.cost.charged]).toEqual(["succeeded", 1, 12]);
        expect(await pictureRequests(fleet)).toHaveLength(1);
        expect(codes).toEqual([0, 0, 0]);
      });
    });
  }

  describe(`a worker that is killed, ${stack.name}`, () => {
    test("its task is taken over: succeeded, charged once, no picture asked for twice", async () => {
      const dataDir = mkdtempSync(join(tmpdir(), "drape-fleet-"));
      const fleet = await openFleet({ ...(await stack.options()), cloud: cloudIn(dataDir) });
      try {
        const api = await fleet.start("api");
        const first = await fleet.start("worker");
        const client = await newFleetCustomer(fleet, api.url, 100);
        await heldPictures(fleet, 5_000, 2);
        const created = await client.createTask(generation([await uploadSample(client)], 2));
        await untilAllHeld(fleet);

        await first.end("SIGKILL");
        await fleet.start("worker");
        // The lease runs for 15 s, and the job is another worker's after its lock and two checks: up to 25 s before the
        // take-over begins. The database is asked: so many requests for so long are more than a customer may send.
        await until(() => hasEnded(fleet, created.id), TAKE_OVER_MS);
        const task = await client.readTask(created.id);

        const sent = await pictureRequests(fleet);
        process.stderr.write(`📊 the image model's own log: ${JSON.stringify(sent)}\n`);
        expect(task.status).toBe("succeeded");
        expect(task.cost).toEqual({ held: 22, charged: 22, refunded: 0 });
        expect(sent).toHaveLength(2);
        expect(await brokenInvariants(fleet.db)).toEqual([]);
      } finally {
        await fleet.stop();
        rmSync(dataDir, { recursive: true, force: true });
      }
    });
  });
});

describe("a process alone", () => {
  for (const role of ["api", "worker"]) {
    const refused = (env: Record<string, string>) => {
      const program = resolve(import.meta.dir, `../../${role}/main.ts`);
      const base = { PATH: process.env["PATH"] ?? "", NODE_ENV: "test" };
      return spawnSync(PROGRAMS[chosenRuntime()], [program], {
        env: { ...base, ...env },
        encoding: "utf8",
      });
    };

    test(`start:${role} without Redis and MySQL is refused, with what to set`, () => {
      const run = refused({});

      expect(run.status).toBe(1);
      expect(run.stderr).toContain(`REDIS_HOST: not set, and start:${role} needs it`);
      expect(run.stderr).toContain(`DATABASE_URL: not set, and start:${role} needs it`);
    });

    test(`start:${role} on a database of one process is refused, and told of npm start`, () => {
      const run = refused({
        DATABASE_URL: "sqlite::memory:",
        REDIS_HOST: "127.0.0.1:1",
        JWT_SECRET: "wK4tq9ZrB7xLm2VnC8sPd5HyJ3fGe6Ua",
        TENCENTCLOUD_SECRET_ID: "id",
        TENCENTCLOUD_SECRET_KEY: "key",
        COS_BUCKET: "drape-1250000000",
      });

      expect(run.status).toBe(1);
      expect(run.stderr).toContain("DATABASE_URL=mysql://");
      expect(run.stderr).toContain("npm start");
    });
  }
});

/** The image emulator holds its next answers. */
async function heldPictures(fleet: Fleet, delayMs: number, times: number): Promise<void> {
  await fetch(`${fleet.cloud.providersUrl}/control/log`, { method: "DELETE" });
  await fetch(`${fleet.cloud.providersUrl}/control/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ route: "images", kind: "delay", delayMs, times }),
  });
}

/** Pictures are not what these tests look at. */
function cloudIn(dataDir: string) {
  return { dataDir, plainPictures: true, ...builtFunctions() };
}

async function hasEnded({ db }: Fleet, id: string): Promise<boolean> {
  const found = await createStore(db).tasks.findVersion(id);
  return found !== null && isTerminal(found.status);
}

/**
 * Each request has reached the emulator. One that a killed worker had noted down and not sent would be waited out for
 * as long as a call may take, some minutes, before the next worker asks for it.
 */
async function untilAllHeld(fleet: Fleet): Promise<void> {
  await until(async () => {
    const answer = await fetch(`${fleet.cloud.providersUrl}/control/faults`);
    const { faults } = (await answer.json()) as { faults: unknown[] }; // our own emulator's answer
    return faults.length === 0;
  });
}

type PictureRequest = { readonly at: string; readonly status: number; readonly durationMs: number };

async function pictureRequests(fleet: Fleet): Promise<readonly PictureRequest[]> {
  const answer = await fetch(`${fleet.cloud.providersUrl}/control/log?route=images`);
  const { requests } = (await answer.json()) as { requests: PictureRequest[] }; // our own emulator's answer
  return requests.map(({ at, status, durationMs }) => ({ at, status, durationMs }));
}
