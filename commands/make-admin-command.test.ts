import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newUser } from "../core/ports/contracts/store.fixture.ts";
import { onMariadb } from "../tests/on-mariadb.ts";
import { setRole } from "../db/users/set-role.ts";
import { openTestStore, type TestStore } from "../db/store.fixture.ts";

const COMMAND = resolve(import.meta.dir, "make-admin-command.ts");
const user = { ...newUser(), email: "you@example.com" };
let folder = "";
let url = "";
let opened: TestStore;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "drape-admin-"));
  url = `sqlite:${join(folder, "house.sqlite")}`;
  opened = await openTestStore(url);
  await opened.store.users.create(user);
});
afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});

function makeAdmin(...args: string[]) {
  const run = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: "utf8",
    env: { ...process.env, DATABASE_URL: url },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

const roleOf = async () => (await opened.store.users.find(user.id))?.role;

describe("admin:make", () => {
  test("gives and takes the role, once each, and each change is audited", async () => {
    const runs = [];
    for (const args of [[], [], ["--take-away"], []]) {
      const { code, out } = makeAdmin("--email", "You@Example.com", ...args);
      runs.push([code, out.includes("already"), await roleOf()]);
    }

    expect(runs).toEqual([
      [0, false, "admin"],
      [0, true, "admin"],
      [0, false, "customer"],
      [0, false, "admin"],
    ]);
    const acts = await opened.store.audit.list({ limit: 10 });
    expect(acts.map(({ subject, detail }) => [subject, detail["to"]])).toEqual([
      [user.id, "admin"],
      [user.id, "customer"],
      [user.id, "admin"],
    ]);
  });

  test("an address without an account is told to register first", () => {
    const { code, err } = makeAdmin("--email", "nobody@example.com");

    expect(code).toBe(1);
    expect(err).toContain("register it first");
  });

  test("without an address, with an odd option or without a database it does nothing and says how", () => {
    const runs = [
      makeAdmin(),
      makeAdmin("--mail", "x"),
      makeAdmin("--email", "you@example.com", "--database", `sqlite:${folder}/none.sqlite`),
    ];

    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2]);
    for (const { err } of runs) expect(err).toContain("npm run admin:make");
    expect(runs[2]?.err).toContain("There is no database");
  });
});

onMariadb((server) => {
  test("a role is given on MySQL as well, and noted", async () => {
    const { db, store, close } = await openTestStore(await server().createDatabase("roles"));
    await store.users.create(user);
    const change = { email: user.email, role: "admin", actor: "system" } as const;

    const outcomes = [await setRole(db, change), await setRole(db, change)];

    expect(outcomes).toEqual(["changed", "unchanged"]);
    expect((await store.users.find(user.id))?.role).toBe("admin");
    expect(await store.audit.list({ limit: 10 })).toHaveLength(1);
    await close();
  });
});
