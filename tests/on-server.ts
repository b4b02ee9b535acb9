import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "bun:test";

export type InstalledKind = {
  /** As it reads in a sentence: `a Redis server`. */
  readonly name: string;
  /** The programs that were looked for. */
  readonly programs: string;
  /** What to do about it. */
  readonly hint: string;
  readonly isInstalled: () => boolean;
};

export type ServerKind<Server> = InstalledKind & {
  readonly start: (folder: string) => Promise<Server>;
};

/**
 * Runs tests where their programs are installed. Elsewhere each of them is counted as skipped, and stderr says so with
 * a hint; with `CI=true` that is a failing test, so that no pipeline goes green by having skipped half of the promises.
 */
export function whereInstalled(kind: InstalledKind, suite: () => void): void {
  if (kind.isInstalled()) return suite();
  const text = `no ${kind.programs} is installed: the tests on ${kind.name} DO NOT RUN`;
  process.stderr.write(`\n⚠️  ${text}; ${kind.hint}\n\n`);
  if (process.env["CI"] === "true") {
    test(`${kind.name} is installed where CI runs`, () => {
      throw new Error(text);
    });
  }
  describe.skip(`without ${kind.name}`, suite);
}

/** Runs tests on a private server of their own; see `whereInstalled` for a machine without one. */
export function onServer<Server extends { stop(): Promise<void> }>(
  kind: ServerKind<Server>,
  suite: (server: () => Server) => void,
): void {
  let folder = "";
  let server: Server | undefined;
  whereInstalled(kind, () => {
    // Bun counts a hook that it skips as a test.
    if (kind.isInstalled()) {
      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), "drape-server-"));
        server = await kind.start(folder);
      });
      afterAll(async () => {
        await server?.stop();
        rmSync(folder, { recursive: true, force: true });
      });
    }
    suite(() => {
      if (server === undefined) throw new Error("the server is not started yet");
      return server;
    });
  });
}
