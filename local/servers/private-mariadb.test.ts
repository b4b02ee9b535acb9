import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { until } from "../../tests/until.ts";
import { findMariadb } from "./find-mariadb.ts";
import { onOwnMariadb } from "../../tests/on-mariadb.ts";
import { openDatabase } from "../../db/connection/open.ts";
import { createStore } from "../../db/store.ts";
import { system } from "../../runtime/system.ts";

const MODULE = resolve(import.meta.dir, "private-mariadb.ts");

describe("a private server", () => {
  test("is looked for on the PATH and by DRAPE_MARIADBD", () => {
    expect(findMariadb({ DRAPE_MARIADBD: "none" })).toBeNull();
    expect(findMariadb({ DRAPE_MARIADBD: "/no/such/program" })).toBeNull();
    expect(findMariadb({ DRAPE_MARIADBD: process.execPath })?.server).toBe(process.execPath);
  });

  test("that is missing is said aloud, and fails where CI says that it must be there", () => {
    const suite = resolve(import.meta.dir, "../../db/tasks/list-depth.test.ts");
    const without = (environment: Record<string, string>) =>
      spawnSync(process.execPath, ["test", suite], {
        encoding: "utf8",
        env: { ...process.env, ...environment, DRAPE_MARIADBD: "none" },
      });

    const [here, pipeline] = [without({ CI: "" }), without({ CI: "true" })];

    expect(here.stderr).toContain("DO NOT RUN");
    expect(here.stderr).toContain("apt-get install mariadb-server");
    // Each test is counted, and bears its name.
    expect(here.stderr).toMatch(/^\(skip\) .* > /m);
    expect(here.stderr).toMatch(/^ *[1-9]\d* skip$/m);
    expect([here.status, pipeline.status]).toEqual([0, 1]);
  });
});

onOwnMariadb((server) => {
  describe("a private server that is installed", () => {
    test("goes on with its data when it is started again", async () => {
      const db = await openDatabase(server().url, system);
      const store = createStore(db);
      await store.ping();

      await server().restart();

      await until(() =>
        store.ping().then(
          () => true,
          () => false,
        ),
      );
      expect(server().version).not.toBe("");
      await db.close();
    });

    test("keeps its scratch files in its own folder, not in the system's", async () => {
      const db = await openDatabase(server().url, system);

      const { rows } = await sql<{ dir: string; data: string }>`
        select @@tmpdir as dir, @@datadir as data`.execute(db.kysely);

      const [row] = rows;
      expect(row?.dir).toBe(join(row?.data ?? "", "../tmp"));
      await db.close();
    });

    test("dies with the process that started it, even when that is killed", async () => {
      const folder = mkdtempSync(join(tmpdir(), "drape-orphan-"));
      const script = `
        import { startPrivateMariadb } from ${JSON.stringify(MODULE)};
        const { url } = await startPrivateMariadb(${JSON.stringify(folder)});
        process.stdout.write(url + "\\n");
        setInterval(() => {}, 1000);`;
      const parent = spawn(process.execPath, ["-e", script], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      let url = "";
      for await (const line of createInterface({ input: parent.stdout })) {
        url = line;
        break;
      }
      const db = await openDatabase(url, { ...system, connectTimeoutMs: 1_000 });
      const store = createStore(db);
      await store.ping();

      parent.kill("SIGKILL");

      await until(() =>
        store.ping().then(
          () => false,
          () => true,
        ),
      );
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    });
  });
});
