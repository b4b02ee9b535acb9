import { DrapeError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Permit, Semaphore } from "../ports/semaphore.ts";

export type FlightDeps = { readonly semaphore: Semaphore; readonly clock: Pick<Clock, "deadline"> };

export interface SingleFlight<T> {
  /**
   * What `lookUp` finds, else what `make` gives. Of all that ask for one key at once, one makes it and the others of
   * this process share its answer (`shared`); other processes wait until it is done and look again. When the maker
   * fails, it alone gets its error and another one tries. Nobody waits longer than 70 s: then they make it themselves.
   * Throws the signal's reason while it waits.
   */
  run(key: string, signal: AbortSignal, work: FlightWork<T>): Promise<Landed<T>>;
}

type FlightWork<T> = {
  readonly lookUp: () => Promise<T | null>;
  readonly make: () => Promise<T>;
};
type Landed<T> = { readonly value: T; readonly shared: boolean };

/** Longer than any call of `prompt-generator` takes. */
const WAIT_MAX_MS = 70_000;
/** A killed process blocks the others for this long. */
const LEASE_MS = 6_000;
/** After so many makers that failed, each asks for itself: they are all tried anyway. */
const MAKERS_MAX = 2;

export function createSingleFlight<T>({ semaphore, clock }: FlightDeps): SingleFlight<T> {
  const underWay = new Map<string, Promise<T | null>>();

  async function make(key: string, waiting: Waiting, work: FlightWork<T>): Promise<T> {
    const known = await work.lookUp();
    if (known !== null) return known;
    const permit = await takeTurn(semaphore, key, waiting);
    try {
      return (await work.lookUp()) ?? (await work.make());
    } finally {
      await permit?.release();
    }
  }

  return {
    async run(key, signal, work) {
      const patience = AbortSignal.any([signal, clock.deadline(WAIT_MAX_MS)]);
      for (let makers = 0; makers < MAKERS_MAX; makers += 1) {
        const others = underWay.get(key);
        if (others === undefined) {
          const mine = make(key, { signal, patience }, work);
          const settled = mine.catch(() => null).finally(() => underWay.delete(key));
          underWay.set(key, settled);
          return { value: await mine, shared: false };
        }
        const value = await orGiveUp(others, patience);
        signal.throwIfAborted();
        if (value !== null) return { value, shared: true };
      }
      return { value: await work.make(), shared: false };
    },
  };
}

type Waiting = { readonly signal: AbortSignal; readonly patience: AbortSignal };

/** One process at a time; null when another keeps it too long. */
async function takeTurn(
  semaphore: Semaphore,
  key: string,
  { signal, patience }: Waiting,
): Promise<Permit | null> {
  try {
    return await semaphore.take(`flight:${key}`, 1, LEASE_MS, patience);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DrapeError) throw error;
    return null;
  }
}

/** The others' answer; null when they failed or `patience` ends. */
async function orGiveUp<T>(others: Promise<T | null>, patience: AbortSignal): Promise<T | null> {
  let stop = (): void => undefined;
  const late = new Promise<null>((resolve) => {
    stop = () => resolve(null);
    patience.addEventListener("abort", stop, { once: true });
    if (patience.aborted) stop();
  });
  try {
    return await Promise.race([others, late]);
  } finally {
    patience.removeEventListener("abort", stop);
  }
}
