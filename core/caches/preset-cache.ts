import type { Clock } from "../ports/clock.ts";
import type { Notices } from "../ports/broadcast.ts";
import type { Preset } from "../ports/preset-store.ts";
import type { Scene, Store } from "../ports/store.ts";

const TOPIC = "presets";
/** A process that missed the notice (it may be lost) reads anew after this time. */
const LIFE_MS = 60_000;

/** The presets, in memory: read on every create and by every prompt, changed a few times a year. */
export interface Presets {
  /** Those in use. At most a minute old, and fresh at once after `changed` in any process. */
  list(): Promise<readonly Scene[]>;
  /** The retired ones too, which tasks that wait may still name. */
  listAll(): Promise<readonly Preset[]>;
  /** After a change in the database: makes all processes read anew. */
  changed(): Promise<void>;
  close(): void;
}

type PresetDeps = {
  readonly store: Pick<Store, "presets">;
  readonly notices: Notices;
  readonly clock: Pick<Clock, "monotonicMs">;
};

type Read = {
  readonly all: Promise<readonly Preset[]>;
  readonly inUse: Promise<readonly Scene[]>;
};

export function createPresets({ store, notices, clock }: PresetDeps): Presets {
  let known: (Read & { readonly untilMs: number }) | null = null;
  const forget = () => {
    known = null;
  };
  const unsubscribe = notices.subscribe(TOPIC, forget);
  const read = (): Read => {
    const nowMs = clock.monotonicMs();
    if (known !== null && nowMs < known.untilMs) return known;
    // Many at once share one read; one that fails is not remembered.
    const all = store.presets();
    const inUse = all.then((presets) => presets.filter(({ retired }) => !retired));
    const mine = { all, inUse, untilMs: nowMs + LIFE_MS };
    inUse.catch(() => {
      if (known === mine) forget();
    });
    known = mine;
    return mine;
  };
  return {
    list: () => read().inUse,
    listAll: () => read().all,
    async changed() {
      forget();
      await notices.publish(TOPIC, "changed");
    },
    close: unsubscribe,
  };
}
