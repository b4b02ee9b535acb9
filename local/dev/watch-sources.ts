import { watch } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type Sources = { changed(): Promise<"changed">; close(): void };

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const ROOMS = [
  "api",
  "worker",
  "core",
  "net",
  "db",
  "redis",
  "cloud",
  "scf-functions",
  "runtime",
  "commands",
  "local",
];
/** An editor writes a file in several steps: wait until it is quiet. */
const QUIET_MS = 200;

/** Tells when a source file (no test) of any room was written. */
export function watchSources(folder = PROJECT): Sources {
  let waiting: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const notify = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const watchers = ROOMS.map((room) =>
    watch(join(folder, room), { recursive: true }, (_, name) => {
      if (name === null || !/(?<!\.test|\.contract)\.(?:ts|cjs)$/.test(name)) return;
      clearTimeout(timer);
      timer = setTimeout(notify, QUIET_MS);
    }),
  );
  return {
    changed: () =>
      new Promise((resolve) => {
        waiting.push(() => resolve("changed"));
      }),
    close() {
      clearTimeout(timer);
      waiting = [];
      for (const watcher of watchers) watcher.close();
    },
  };
}
