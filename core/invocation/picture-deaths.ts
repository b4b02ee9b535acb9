import type { ImageProcessorEvent } from "../function-schemas/image-processor.ts";
import type { FunctionName } from "../model/functions.ts";
import type { Clock } from "../ports/clock.ts";

/** Whose pictures a call works on. */
export type PictureWork = {
  readonly customerId: string;
  /**
   * The same pictures worked on in the same way have the same name. Null where nobody knows that they are the same: what
   * an address or an upload holds can be another picture by now, and its owner must not make an outage of it.
   */
  readonly name: string | null;
  readonly pictures: number;
};

/**
 * Tells what one customer's pictures do to a function's instances from what the function does to everybody: of each
 * customer only one death in the window says anything about the function, and three customers make an outage, or one
 * death over pictures that passed before. Of this process alone; holds at most 16 customers and 1,000 names.
 */
export interface PictureDeaths {
  /** An instance died, timed out or threw over this work. */
  note(work: PictureWork): void;
  passed(work: PictureWork): void;
  /** Whether the deaths of the window are the function's: then no picture is to be blamed. */
  isOutage(): boolean;
}

/** As long as the circuits remember. */
const WINDOW_MS = 30_000;
const CUSTOMERS_OF_AN_OUTAGE = 3;
const CUSTOMERS_MAX = 16;
const NAMES_MAX = 1_000;

export function createPictureDeaths(clock: Pick<Clock, "monotonicMs">): PictureDeaths {
  const diedAtMs = new Map<string, number>();
  const known = new Set<string>();
  let knownDiedAtMs = Number.NEGATIVE_INFINITY;
  const isRecent = (atMs: number) => clock.monotonicMs() - atMs < WINDOW_MS;
  return {
    note({ customerId, name }) {
      if (name !== null && known.has(name)) knownDiedAtMs = clock.monotonicMs();
      keepNewest(diedAtMs, customerId, CUSTOMERS_MAX);
      diedAtMs.set(customerId, clock.monotonicMs());
    },
    passed({ name }) {
      if (name === null) return;
      keepNewest(known, name, NAMES_MAX);
      known.add(name);
    },
    isOutage() {
      const customers = [...diedAtMs.values()].filter(isRecent);
      return customers.length >= CUSTOMERS_OF_AN_OUTAGE || isRecent(knownDiedAtMs);
    },
  };
}

/** Makes room for a key that comes last in the order of insertion. */
function keepNewest(held: Map<string, number> | Set<string>, key: string, most: number): void {
  held.delete(key);
  const [oldest] = held.keys();
  if (held.size >= most && oldest !== undefined) held.delete(oldest);
}

/** The work on a customer's own pictures that an event asks for; null when it is on none. */
export function pictureWorkOf(
  name: FunctionName,
  event: unknown,
  customerId: string | undefined,
): PictureWork | null {
  if (name !== "ai-image-processor" || customerId === undefined) return null;
  const sent = event as ImageProcessorEvent; // whoever names this function builds its event
  switch (sent.action) {
    case "import":
      return { customerId, pictures: 1, name: null };
    case "preprocess":
      return { customerId, pictures: 1, name: nameOf([sent]) };
    case "process":
      return { customerId, pictures: sent.images.length, name: nameOf(sent.images) };
    case "postprocess":
      // A picture that the image model made.
      return null;
    default:
      return sent satisfies never;
  }
}

type OneOf = Extract<ImageProcessorEvent, { action: "process" }>["images"][number];

function nameOf(images: readonly Pick<OneOf, "from" | "source" | "operations">[]): string {
  return JSON.stringify(images.map(({ from, source, operations }) => [from ?? source, operations]));
}
