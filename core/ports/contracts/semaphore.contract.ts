import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import type { Permit, Semaphore } from "../semaphore.ts";

export type SemaphoreSubject = {
  readonly semaphore: Semaphore;
  /** As another process would have it. */
  readonly others: Semaphore;
  /** As a third one has it, for one test: its `close` is its death. */
  readonly doomed: Semaphore;
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
};

const LEASE_MS = 240;
const LONG_MS = 60_000;
/** Longer than the longest pause between two tries of one who waits. */
const PATIENCE_MS = 60_000;

/** What every Semaphore promises. */
export function semaphoreContract(name: string, open: () => Promise<SemaphoreSubject>): void {
  describe(`Semaphore on ${name}`, () => {
    let subject: SemaphoreSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());
    const newName = () => freshId("req");
    const take = (semaphore: Semaphore, key: string, max: number, leaseMs = LONG_MS) =>
      semaphore.take(key, max, leaseMs, AbortSignal.timeout(PATIENCE_MS));

    test("all processes together hold no more than the limit", async () => {
      const key = newName();
      let held = 0;
      let most = 0;

      const works = Array.from({ length: 12 }, async (_, index) => {
        const mine = await take(index % 2 === 0 ? subject.semaphore : subject.others, key, 3);
        held += 1;
        most = Math.max(most, held);
        await pause(5);
        held -= 1;
        await mine.release();
      });
      await Promise.all(works);

      expect(most).toBe(3);
    });

    test("one who waits takes the permit that another process gives back", async () => {
      const key = newName();
      const first = await take(subject.semaphore, key, 1);

      const waiting = take(subject.others, key, 1);
      const before = await Promise.race([waiting.then(() => "taken"), pause(60)]);
      await first.release();
      const second = await waiting;

      expect(before).toBe("waits");
      await second.release();
    });

    test("a wait ends with the reason of its signal, and leaves nothing held", async () => {
      const key = newName();
      const first = await take(subject.semaphore, key, 1);
      const stop = new AbortController();

      const waiting = subject.others.take(key, 1, LONG_MS, stop.signal).then(taken, failed);
      stop.abort(new Error("no longer wanted"));
      const ended = await waiting;
      await first.release();

      expect(ended).toBe("no longer wanted");
      await (await take(subject.semaphore, key, 1)).release();
    });

    test("a permit of a process that died is free when its lease has run out, not before", async () => {
      const key = newName();
      await take(subject.doomed, key, 1);
      const short = newName();
      await take(subject.doomed, short, 1, LEASE_MS);
      await subject.doomed.close();
      // It renews the short one no more: by now its turn would have come several times.
      for (let third = 0; third < 4; third += 1) {
        await subject.advance(LEASE_MS / 2);
        if ((await takeSoon(subject.semaphore, short)) === "taken") break;
        expect(third).toBeLessThan(3);
      }

      await subject.advance(LONG_MS - 10_000);
      const early = await takeSoon(subject.semaphore, key);
      await subject.advance(10_001);

      expect(early).toBe("waits");
      await (await take(subject.semaphore, key, 1)).release();
    });

    test("a lease is renewed as long as it is held", async () => {
      const key = newName();
      const mine = await take(subject.semaphore, key, 1, LEASE_MS);
      const seen: string[] = [];

      for (let third = 0; third < 4; third += 1) {
        await subject.advance(LEASE_MS / 2);
        seen.push(await takeSoon(subject.others, key));
      }

      expect(seen).toEqual(["waits", "waits", "waits", "waits"]);
      await mine.release();
    });

    test("giving back twice gives back once", async () => {
      const key = newName();
      const first = await take(subject.semaphore, key, 1);
      await first.release();
      const second = await take(subject.others, key, 1);

      await first.release();

      expect(await takeSoon(subject.semaphore, key)).toBe("waits");
      await second.release();
    });

    test("permits of one name are not those of another", async () => {
      const first = await take(subject.semaphore, newName(), 1);
      const second = await take(subject.semaphore, newName(), 1);

      await Promise.all([first.release(), second.release()]);
    });
  });
}

/** Waits for a permit a little longer than a third of the lease, the time in which it must be renewed. */
async function takeSoon(semaphore: Semaphore, key: string): Promise<string> {
  return semaphore.take(key, 1, LONG_MS, AbortSignal.timeout(LEASE_MS / 3 + 10)).then(taken, waits);
}

async function taken(permit: Permit): Promise<string> {
  await permit.release();
  return "taken";
}

function waits(): string {
  return "waits";
}

function failed(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function pause(ms: number): Promise<string> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
  return "waits";
}
