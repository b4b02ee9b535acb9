import { describe, expect, test } from "bun:test";
import { DrapeError } from "../model/errors.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { Clock } from "../ports/clock.ts";
import type { Claim, TaskStore } from "../ports/task-store.ts";
import { DEFAULT_TASK_SETTINGS } from "../model/task-settings.ts";
import { silentLog } from "../../tests/silent-log.ts";

/** A keeper on a clock that moves one sleep at a time, over a store that does as it is told. */
function keeperOver(renew: (claims: readonly Claim[]) => Promise<readonly string[]>) {
  let nowMs = 0;
  let resume: (() => void) | null = null;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
        resume = () => {
          nowMs += ms;
          resolve();
        };
      }),
    deadline: () => new AbortController().signal,
  };
  const renewals: number[] = [];
  const tasks = {
    renewLeases: (claims: readonly Claim[]) => {
      renewals.push(nowMs);
      return renew(claims);
    },
  } as Pick<TaskStore, "renewLeases"> as TaskStore; // the keeper renews and does nothing else
  const keeper = new LeaseKeeper({
    store: { tasks },
    clock,
    log: silentLog,
    settings: DEFAULT_TASK_SETTINGS,
  });
  const done = keeper.run();
  return {
    keeper,
    renewals,
    /** Lets the loop run for this long, one second at a time. */
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
        resume?.();
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      }
    },
    async stop() {
      keeper.stop();
      await done;
    },
  };
}

const reasonOf = (signal: AbortSignal) =>
  signal.reason instanceof DrapeError ? signal.reason.code : "none";

describe("leases of one process", () => {
  test("are renewed together, every four seconds", async () => {
    const { keeper, renewals, pass, stop } = keeperOver(async (claims) =>
      claims.map(({ taskId }) => taskId),
    );
    const first = keeper.hold({ taskId: "task_a", fence: 1 });
    const second = keeper.hold({ taskId: "task_b", fence: 1 });

    await pass(20);

    expect(renewals.length).toBeGreaterThanOrEqual(4);
    expect(renewals.length).toBeLessThanOrEqual(5);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([false, false]);
    await stop();
  });

  test("one that another worker has taken stops its task's calls, and no other's", async () => {
    const { keeper, pass, stop } = keeperOver(async () => ["task_b"]);
    const lost = keeper.hold({ taskId: "task_a", fence: 1 });
    const kept = keeper.hold({ taskId: "task_b", fence: 1 });

    await pass(6);

    expect([reasonOf(lost.signal), kept.signal.aborted]).toEqual(["LEASE_LOST", false]);
    await stop();
  });

  test("one that cannot be renewed stops its task's calls before it ends", async () => {
    const { keeper, pass, stop } = keeperOver(async () => {
      throw new Error("the database is away");
    });
    const lease = keeper.hold({ taskId: "task_a", fence: 1 });

    await pass(9);
    const early = lease.signal.aborted;
    await pass(3);

    const { leaseMs, leaseMarginMs } = DEFAULT_TASK_SETTINGS.leases;
    expect(leaseMs - leaseMarginMs).toBe(10_000);
    expect([early, reasonOf(lease.signal)]).toEqual([false, "LEASE_LOST"]);
    await stop();
  });

  test("a renewal that hangs does not keep the lease alive", async () => {
    const { keeper, pass, stop } = keeperOver(() => new Promise(() => undefined));
    const lease = keeper.hold({ taskId: "task_a", fence: 1 });

    await pass(13);

    expect(reasonOf(lease.signal)).toBe("LEASE_LOST");
    await stop();
  });

  test("a renewal counts from when it was sent: the database may have written it at once", async () => {
    const answers: ((kept: readonly string[]) => void)[] = [];
    const { keeper, renewals, pass, stop } = keeperOver(
      () =>
        new Promise((resolve) => {
          answers.push(resolve);
        }),
    );
    const lease = keeper.hold({ taskId: "task_a", fence: 1 });
    await pass(9);
    answers.shift()?.(["task_a"]);

    await pass(4);
    const early = lease.signal.aborted;
    await pass(3);

    // Sent after 4 s and answered after 9 s; it holds for 10 s, and the renewals after it hang.
    expect(renewals[0]).toBe(4_000);
    expect([early, reasonOf(lease.signal)]).toEqual([false, "LEASE_LOST"]);
    await stop();
  });

  test("one that was released is renewed no more", async () => {
    const { keeper, renewals, pass, stop } = keeperOver(async () => []);
    keeper.hold({ taskId: "task_a", fence: 1 }).release();

    await pass(10);

    expect(renewals).toEqual([]);
    await stop();
  });
});
