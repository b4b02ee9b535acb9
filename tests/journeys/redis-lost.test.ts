import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { writeNoopFunctions } from "../../bench/noop-functions.ts";
import { brokenInvariants } from "../../db/store.fixture.ts";
import { newFleetCustomer } from "../fleet-customer.ts";
import { openFleet } from "../fleet.ts";
import { generation } from "../journey.ts";
import { onServers } from "../stacks.ts";
import { until } from "../until.ts";

const TASKS = 50;

onServers((stack) => {
  describe(`Redis loses everything, ${stack.name}`, () => {
    test("FLUSHALL in the middle of 50 tasks: all end, each charged once", async () => {
      const dataDir = mkdtempSync(join(tmpdir(), "drape-flush-"));
      const functionsDir = await writeNoopFunctions(join(dataDir, "noop"));
      const options = await stack.options();
      const fleet = await openFleet({ ...options, cloud: { dataDir, functionsDir } });
      const redis = new Redis(options.redis.port, options.redis.host);
      try {
        const api = await fleet.start("api");
        await fleet.start("worker");
        await fleet.start("worker");
        const client = await newFleetCustomer(fleet, api.url, 10_000);
        // Each picture takes a moment, so that many tasks are under way.
        const delay = {
          function: "image-generator",
          kind: "delay",
          delayMs: 300,
          times: TASKS * 2,
        };
        await fleet.control("POST", "/control/scf/faults", delay);
        const body = generation(["https://example.com/a.jpg"], 1);
        await Promise.all(Array.from({ length: TASKS }, () => client.createTask(body)));
        const ended = async () => {
          const row = await fleet.db.kysely
            .selectFrom("tasks")
            .select((eb) => eb.fn.countAll<number>().as("n"))
            .where("status", "=", "succeeded")
            .executeTakeFirstOrThrow();
          return Number(row.n);
        };
        await until(async () => (await ended()) >= TASKS / 5, 60_000);

        const flushedAtMs = Date.now();
        const endedBefore = await ended();
        await redis.flushall();
        await until(async () => (await ended()) === TASKS, 60_000);

        const facts = { endedBefore, lastEndedMs: Date.now() - flushedAtMs };
        process.stderr.write(`📊 FLUSHALL: ${JSON.stringify(facts)}\n`);
        const balance = await client.send("GET", "/api/v1/credits");
        expect(endedBefore).toBeLessThan(TASKS);
        expect(balance).toEqual({ available: 10_000 - TASKS * 12, held: 0 });
        expect(await brokenInvariants(fleet.db)).toEqual([]);
      } finally {
        redis.disconnect();
        await fleet.stop();
        rmSync(dataDir, { recursive: true, force: true });
      }
    });
  });
});
