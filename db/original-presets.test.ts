import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { freshId } from "../core/model/ids.fixture.ts";
import { system } from "../runtime/system.ts";
import { PRESET_LIMITS, type Preset, type PresetWrite } from "../core/ports/preset-store.ts";
import type { Store } from "../core/ports/store.ts";
import { onMariadb } from "../tests/on-mariadb.ts";
import { migrate } from "./migrations/migrate.ts";
import { openDatabase } from "./connection/open.ts";
import type { Db } from "./connection/db.ts";
import { createStore } from "./store.ts";

const INDOOR = { kind: "scene", id: "indoor", en: "indoor", zh: "室内", retired: false } as const;
const OUTDOOR = { ...INDOOR, id: "outdoor", en: "outdoor", zh: "户外" } as const;
const MODERN = { ...INDOOR, kind: "style", id: "modern", en: "modern", zh: "现代" } as const;

/** A database as it was before these presets came, which the store already works on. */
async function openOld(open: () => Promise<Db>) {
  const db = await open();
  await migrate(db.kysely);
  await sql`delete from scenes where id in ('indoor', 'outdoor', 'modern')`.execute(db.kysely);
  const migrateAgain = async () => {
    await sql`delete from kysely_migration where name >= '0010'`.execute(db.kysely);
    return migrate(db.kysely);
  };
  return { db, store: createStore(db), migrateAgain };
}

const act = () => ({ id: freshId("aud"), actor: "usr_admin" });
const put = (store: Store, write: PresetWrite) => store.presets.put(write, act());
const namesOf = (presets: readonly Preset[], wanted: Preset["kind"]) =>
  presets.filter(({ kind }) => kind === wanted).map(({ id }) => id);

function suite(name: string, open: () => Promise<Db>): void {
  describe(`the presets of the original contract on ${name}`, () => {
    test("are in a new database, the last of their kind, and no two presets of a kind share a name", async () => {
      const db = await open();

      await migrate(db.kysely);

      const presets = await createStore(db).presets.list();
      expect(namesOf(presets, "scene").slice(-3)).toEqual(["white", "indoor", "outdoor"]);
      expect(namesOf(presets, "style").slice(-2)).toEqual(["romantic", "modern"]);
      expect(namesOf(presets, "garment")).toHaveLength(27);
      expect(presets).toContainEqual({ ...INDOOR, sortNo: 9 });
      for (const kind of ["scene", "style", "garment"]) {
        const names = presets
          .filter((preset) => preset.kind === kind)
          .flatMap(({ id, en, zh }) => [...new Set([id, en.toLowerCase()]), zh.toLowerCase()]);
        expect(names).toHaveLength(new Set(names).size);
      }
      for (const { zh } of presets) expect(zh).toMatch(/\p{Script=Han}/u);
      await db.close();
    });

    test("come to an older database behind what an operator has put in order, once", async () => {
      const { db, store, migrateAgain } = await openOld(open);
      await put(store, { kind: "scene", id: "loft", en: "loft", zh: "阁楼", sortNo: 70 });
      const before = await store.presets.list();

      const ran = await migrateAgain();
      await migrateAgain();

      const after = await store.presets.list();
      expect(ran).toEqual(["0010-original-presets"]);
      const kept = after.filter(({ id }) => !["indoor", "outdoor", "modern"].includes(id));
      expect(kept).toEqual([...before]);
      expect(after).toContainEqual({ ...INDOOR, sortNo: 71 });
      expect(after).toContainEqual({ ...OUTDOOR, sortNo: 72 });
      expect(after).toContainEqual({ ...MODERN, sortNo: 17 });
      await db.close();
    });

    test("leave an operator's own of the same id as it is, in use or retired", async () => {
      const { db, store, migrateAgain } = await openOld(open);
      const own = { kind: "scene", id: "indoor", en: "our hall", zh: "大厅", sortNo: 2 } as const;
      const gone = {
        kind: "style",
        id: "modern",
        en: "avant-garde",
        zh: "前卫",
        sortNo: 4,
      } as const;
      await put(store, own);
      await put(store, gone);
      await store.presets.retire(gone, act());

      await migrateAgain();

      const presets = await store.presets.list();
      expect(presets).toContainEqual({ ...own, retired: false });
      expect(presets).toContainEqual({ ...gone, retired: true });
      expect(presets).toContainEqual({ ...OUTDOOR, sortNo: 9 });
      await db.close();
    });

    test("come to a database that is full as well, and to one whose operator has deleted every row", async () => {
      const { db, store, migrateAgain } = await openOld(open);
      await sql`delete from scenes`.execute(db.kysely);
      await migrateAgain();
      const alone = await store.presets.list();
      await sql`delete from scenes`.execute(db.kysely);
      const rows = Array.from({ length: PRESET_LIMITS.presetsMax }, (_, at) => {
        return { kind: "garment", id: `garment-${at}`, en: `garment ${at}`, zh: "衣", sortNo: at };
      });
      await db.kysely.insertInto("scenes").values(rows).execute();

      await migrateAgain();

      expect(alone.map(({ id, sortNo }) => [id, sortNo])).toEqual([
        ["indoor", 0],
        ["modern", 0],
        ["outdoor", 1],
      ]);
      expect(await store.presets.list()).toHaveLength(PRESET_LIMITS.presetsMax + 3);
      const more = { kind: "scene", id: "one-more", en: "one more", zh: "再一个" } as const;
      expect(await put(store, more)).toEqual({ kind: "full" });
      await db.close();
    });
  });
}

suite("SQLite", () => openDatabase("sqlite::memory:", system));
onMariadb((server) => {
  let made = 0;
  suite("MariaDB", async () =>
    openDatabase(await server().createDatabase(`original${made++}`), system),
  );
});

test("no migration imports a rule of today, which may be another tomorrow", () => {
  const folder = join(import.meta.dir, "migrations");

  const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));

  expect(sources.length).toBeGreaterThanOrEqual(10);
  for (const source of sources) expect(source).not.toContain("/core/");
});
