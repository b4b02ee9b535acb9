import type { Clock } from "../ports/clock.ts";
import type { Broadcast } from "../ports/broadcast.ts";
import type { Preset, PresetStore, Scene } from "../ports/preset-store.ts";
import { memoizeWithTtl } from "../resilience/memoize-with-ttl.ts";

const TOPIC = "presets";
/** A process that missed the notification (it may be lost) reads anew after this time. */
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
  readonly store: { readonly presets: Pick<PresetStore, "list"> };
  readonly broadcast: Broadcast;
  readonly clock: Pick<Clock, "monotonicMs">;
};

export function createPresets({ store, broadcast, clock }: PresetDeps): Presets {
  const read = memoizeWithTtl(
    async () => {
      const all = await store.presets.list();
      return { all, inUse: all.filter(({ retired }) => !retired) };
    },
    LIFE_MS,
    clock,
  );
  const unsubscribe = broadcast.subscribe(TOPIC, () => read.forget());
  return {
    list: async () => (await read()).inUse,
    listAll: async () => (await read()).all,
    async changed() {
      read.forget();
      await broadcast.publish(TOPIC, "changed");
    },
    close: unsubscribe,
  };
}
