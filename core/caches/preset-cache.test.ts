import { expect, test } from "bun:test";
import { EmbeddedBroadcast } from "../../redis/embedded-broadcast.ts";
import type { Preset } from "../ports/preset-store.ts";
import { createPresets } from "./preset-cache.ts";
import { silentLog } from "../../tests/silent-log.ts";

const inUse = { kind: "scene", sortNo: 0, retired: false } as const;
const street: Preset = { ...inUse, id: "street", en: "street", zh: "街头" };
const beach: Preset = { ...inUse, id: "beach", en: "beach", zh: "海滩" };

function twoProcesses() {
  const broadcast = new EmbeddedBroadcast(silentLog);
  let rows: readonly Preset[] = [street];
  let reads = 0;
  let nowMs = 0;
  let failing = false;
  const store = {
    presets: {
      async list() {
        reads += 1;
        if (failing) throw new Error("the database is away");
        return rows;
      },
    },
  };
  const open = () => createPresets({ store, broadcast, clock: { monotonicMs: () => nowMs } });
  return {
    first: open(),
    second: open(),
    reads: () => reads,
    write: (next: readonly Preset[]) => void (rows = next),
    advance: (ms: number) => void (nowMs += ms),
    fail: (fails: boolean) => void (failing = fails),
  };
}

test("many readers at once share one read, and later ones find it in memory", async () => {
  const { first, reads } = twoProcesses();

  await Promise.all([first.list(), first.list(), first.list()]);
  await first.list();

  expect(reads()).toBe(1);
});

test("a change made by one process is seen by another at once", async () => {
  const { first, second, write } = twoProcesses();
  await second.list();

  write([street, beach]);
  await first.changed();

  expect(await second.list()).toEqual([street, beach]);
});

test("a change whose notification was lost is seen after a minute", async () => {
  const { first, write, advance } = twoProcesses();
  await first.list();
  write([beach]);

  const before = await first.list();
  advance(60_000);

  expect([before, await first.list()]).toEqual([[street], [beach]]);
});

test("a retired preset is for those alone who ask for all", async () => {
  const { first, write, reads } = twoProcesses();
  const retired = { ...beach, retired: true };
  write([street, retired]);

  const [list, all] = await Promise.all([first.list(), first.listAll()]);

  expect([list, all]).toEqual([[street], [street, retired]]);
  expect(reads()).toBe(1);
});

test("a read that failed is not remembered", async () => {
  const { first, fail } = twoProcesses();
  fail(true);

  expect(first.list()).rejects.toThrow("away");
  await first.list().catch(() => undefined);
  fail(false);

  expect(await first.list()).toEqual([street]);
});
