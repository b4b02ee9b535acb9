import { expect, test } from "bun:test";
import { EmbeddedNotices } from "../redis/embedded-notices.ts";
import type { Scene } from "./ports/store.ts";
import { createPresets } from "./presets.ts";
import { silentLog } from "../tests/silent-log.ts";

const street: Scene = { id: "street", kind: "scene", en: "street", zh: "街头" };
const beach: Scene = { id: "beach", kind: "scene", en: "beach", zh: "海滩" };

function twoProcesses() {
  const notices = new EmbeddedNotices(silentLog);
  let rows: readonly Scene[] = [street];
  let reads = 0;
  let nowMs = 0;
  let failing = false;
  const store = {
    async scenes() {
      reads += 1;
      if (failing) throw new Error("the database is away");
      return rows;
    },
  };
  const open = () => createPresets({ store, notices, clock: { monotonicMs: () => nowMs } });
  return {
    first: open(),
    second: open(),
    reads: () => reads,
    write: (next: readonly Scene[]) => void (rows = next),
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

test("a change whose notice was lost is seen after a minute", async () => {
  const { first, write, advance } = twoProcesses();
  await first.list();
  write([beach]);

  const before = await first.list();
  advance(60_000);

  expect([before, await first.list()]).toEqual([[street], [beach]]);
});

test("a read that failed is not remembered", async () => {
  const { first, fail } = twoProcesses();
  fail(true);

  expect(first.list()).rejects.toThrow("away");
  await first.list().catch(() => undefined);
  fail(false);

  expect(await first.list()).toEqual([street]);
});
