import type { Clock } from "./ports/clock.ts";
import type { Notices } from "./ports/notices.ts";
import type { Scene, Store } from "./ports/store.ts";

const TOPIC = "presets";
/** A process that missed the notice (it may be lost) reads anew after this time. */
const LIFE_MS = 60_000;

/** The scene and style presets, in memory: read on every create and by every prompt, changed a few times a year. */
export interface Presets {
  /** At most a minute old, and fresh at once after `changed` in any process. */
  list(): Promise<readonly Scene[]>;
  /** After a change in the database: makes all processes read anew. */
  changed(): Promise<void>;
  close(): void;
}

type PresetDeps = {
  readonly store: Pick<Store, "scenes">;
  readonly notices: Notices;
  readonly clock: Pick<Clock, "monotonicMs">;
};

export function createPresets({ store, notices, clock }: PresetDeps): Presets {
  let known: { readonly scenes: Promise<readonly Scene[]>; readonly untilMs: number } | null = null;
  const forget = () => {
    known = null;
  };
  const unsubscribe = notices.subscribe(TOPIC, forget);
  return {
    list() {
      const nowMs = clock.monotonicMs();
      if (known !== null && nowMs < known.untilMs) return known.scenes;
      // Many at once share one read; one that fails is not remembered.
      const mine = { scenes: store.scenes(), untilMs: nowMs + LIFE_MS };
      mine.scenes.catch(() => {
        if (known === mine) forget();
      });
      known = mine;
      return mine.scenes;
    },
    async changed() {
      forget();
      await notices.publish(TOPIC, "changed");
    },
    close: unsubscribe,
  };
}
