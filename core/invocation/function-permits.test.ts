import { expect, test } from "bun:test";
import { silentLog } from "../../tests/silent-log.ts";
import { EmbeddedLeases } from "../../redis/embedded-leases.ts";
import { LeaseSemaphore } from "../../redis/lease-semaphore.ts";
import { system } from "../../runtime/system.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { DrapeError } from "../model/errors.ts";
import { FUNCTIONS } from "../model/functions.ts";
import { changeSettings, DEFAULT_TASK_SETTINGS } from "../model/task-settings.ts";
import type { Permit, Semaphore } from "../ports/semaphore.ts";
import { openFunctionClient } from "./function-client.ts";

const NAME = "image-generator";
const event = { images: [{ index: 0, key: "t/1/generate-0.jpg" }] };

/** A client of a provider whose rate is used up; `held` are the permits that are out. */
function openClient() {
  const real = new LeaseSemaphore(new EmbeddedLeases(systemClock), system);
  const held = new Map<string, number>();
  const count = (name: string, by: number) => held.set(name, (held.get(name) ?? 0) + by);
  const semaphore: Semaphore = {
    async take(name, ...others): Promise<Permit> {
      const permit = await real.take(name, ...others);
      count(name, 1);
      return {
        async release() {
          count(name, -1);
          await permit.release();
        },
      };
    },
    close: () => real.close(),
  };
  const waiting = Promise.withResolvers<void>();
  const client = openFunctionClient(NAME, {
    functions: {
      call: () => Promise.reject(new Error("no call may go out")),
      describe: async () => ({ deployed: true, active: true, detail: "Active" }),
    },
    clock: systemClock,
    log: silentLog,
    settings: changeSettings(DEFAULT_TASK_SETTINGS),
    semaphore,
    rateLimiter: {
      async take() {
        waiting.resolve();
        return { allowed: false, remaining: 0, retryAfterMs: 60_000, resetMs: 60_000 };
      },
      close: async () => undefined,
    },
  });
  return { client, held, semaphore, waiting: waiting.promise };
}

test("a call that is given up while it waits for its provider's rate gives its permit and its turn back", async () => {
  const { client, held, semaphore, waiting } = openClient();
  const given = new AbortController();
  const call = client.run(event, given.signal, { beforeCall: async () => undefined });
  await waiting;
  const before = Object.fromEntries(held);

  given.abort(new DrapeError("SHUTTING_DOWN", "stopping"));

  await expect(call).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
  expect(before).toEqual({ [NAME]: 1, [`rate:${NAME}`]: 1 });
  expect(Object.fromEntries(held)).toEqual({ [NAME]: 0, [`rate:${NAME}`]: 0 });
  // All of them can be had again at once, by whichever process.
  const { permitsMax } = FUNCTIONS[NAME];
  const soon = AbortSignal.timeout(10_000);
  const permits = await Promise.all(
    Array.from({ length: permitsMax }, () => semaphore.take(NAME, permitsMax, 15_000, soon)),
  );
  expect(permits).toHaveLength(permitsMax);
  await Promise.all(permits.map((permit) => permit.release()));
  client.close();
});
