import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "bun:test";

/** A busy machine takes its time over the first start. */
const START_LIMIT_MS = 60_000;

export type InstalledKind = {
  /** As it reads in a sentence: `a Redis server`. */
  readonly name: string;
  /** The programs that were looked for. */
  readonly programs: string;
  readonly isInstalled: () => boolean;
};

export type ServerKind<Server> = InstalledKind & {
  readonly start: (folder: string) => Promise<Server>;
};

/**
 * Runs tests where their programs are installed. Elsewhere it says so on stderr and runs none of them; with `CI=true` that
 * is a failing test, so that no pipeline goes green by having skipped half of the promises.
 */
export function whereInstalled(kind: InstalledKind, suite: () => void): void {
  if (kind.isInstalled()) return suite();
  const text = `no ${kind.programs} is installed: the tests on ${kind.name} DO NOT RUN`;
  process.stderr.write(`\n⚠️  ${text}\n\n`);
  if (process.env["CI"] === "true") {
    test(`${kind.name} is installed where CI runs`, () => {
      throw new Error(text);
    });
  }
}

/** Runs tests on a private server of their own; see `whereInstalled` for a machine without one. */
export function onServer<Server extends { stop(): Promise<void> }>(
  kind: ServerKind<Server>,
  suite: (server: () => Server) => void,
): void {
  whereInstalled(kind, () => {
    const folder = mkdtempSync(join(tmpdir(), "drape-server-"));
    let server: Server | undefined;
    beforeAll(async () => {
      server = await kind.start(folder);
    }, START_LIMIT_MS);
    afterAll(async () => {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    suite(() => {
      if (server === undefined) throw new Error("the server is not started yet");
      return server;
    });
  });
}
