import { sql } from "kysely";
import {
  PRESET_LIMITS,
  type Preset,
  type PresetAct,
  type PresetName,
  type PresetOutcome,
  type PresetStore,
  type PresetWrite,
  type Scene,
} from "../core/ports/preset-store.ts";
import { insertAudit } from "./users/audit.ts";
import type { Db, Tx } from "./connection/db.ts";
import { transaction } from "./connection/transaction.ts";

/** Acts come one after another, so that how many there are and what stands last is decided in memory. */
export function createPresetStore(db: Db): PresetStore {
  return {
    list: () => read(db.kysely),
    put: (write, act) =>
      transaction(db, async (tx) => put(db, tx, { write, act, all: await readAlone(db, tx) })),
    retire: (name, act) =>
      transaction(db, async (tx) => {
        const before = find(await readAlone(db, tx), name);
        if (before === undefined || before.retired) return false;
        await tx
          .updateTable("scenes")
          .set({ retiredAt: db.now })
          .where("kind", "=", name.kind)
          .where("id", "=", name.id)
          .execute();
        const after = { ...before, retired: true };
        await note(db, tx, { action: "preset.delete", act, before, after });
        return true;
      }),
  };
}

type Put = {
  readonly write: PresetWrite;
  readonly act: PresetAct;
  readonly all: readonly Preset[];
};

async function put(db: Db, tx: Tx, { write, act, all }: Put): Promise<PresetOutcome> {
  const { kind, id, en, zh } = write;
  const before = find(all, write) ?? null;
  const sortNo = write.sortNo ?? before?.sortNo ?? nextSortNo(all, kind);
  const preset: Preset = { kind, id, en, zh, sortNo, retired: false };
  const row = { en, zh, sortNo, retiredAt: null };
  if (before === null) {
    if (all.length >= PRESET_LIMITS.presetsMax) return { kind: "full" };
    await tx
      .insertInto("scenes")
      .values({ kind, id, ...row })
      .execute();
  } else {
    const same = before.en === en && before.zh === zh && before.sortNo === sortNo;
    if (same && !before.retired) return { kind: "unchanged", preset };
    await tx.updateTable("scenes").set(row).where("kind", "=", kind).where("id", "=", id).execute();
  }
  await note(db, tx, { action: "preset.put", act, before, after: preset });
  return { kind: before === null ? "created" : "changed", preset };
}

/** The row that every act locks; a migration made it. */
const LOCK = "presets";

/** Waits for its turn, lets go of what was retired long ago, and gives the rest. */
async function readAlone(db: Db, tx: Tx): Promise<readonly Preset[]> {
  const lock = tx.selectFrom("settings").select("name").where("name", "=", LOCK);
  await db.dialect.forUpdate(lock).executeTakeFirstOrThrow();
  await tx
    .deleteFrom("scenes")
    .where("retiredAt", "<=", sql<number>`${db.now} - ${PRESET_LIMITS.keptRetiredMs}`)
    .execute();
  return read(tx);
}

async function read(reader: Db["kysely"] | Tx): Promise<readonly Preset[]> {
  const rows = await reader
    .selectFrom("scenes")
    .select(["id", "kind", "en", "zh", "sortNo", "retiredAt"])
    .orderBy("sortNo")
    .orderBy("id")
    .execute();
  return rows.map(({ retiredAt, kind, ...row }) => ({
    ...row,
    kind: kind as Scene["kind"], // written by `put` and the migrations alone
    retired: retiredAt !== null,
  }));
}

function find(all: readonly Preset[], { kind, id }: PresetName): Preset | undefined {
  return all.find((preset) => preset.kind === kind && preset.id === id);
}

function nextSortNo(all: readonly Preset[], kind: Scene["kind"]): number {
  return 1 + Math.max(-1, ...all.filter((preset) => preset.kind === kind).map((p) => p.sortNo));
}

type Act = {
  readonly action: "preset.put" | "preset.delete";
  readonly act: PresetAct;
  readonly before: Preset | null;
  readonly after: Preset;
};

async function note(db: Db, tx: Tx, { action, act, before, after }: Act): Promise<void> {
  const detail = { before: before === null ? null : factsOf(before), after: factsOf(after) };
  await insertAudit(db, tx, { ...act, action, subject: `${after.kind}/${after.id}`, detail });
}

function factsOf({ en, zh, sortNo, retired }: Preset) {
  return { en, zh, sortNo, retired };
}
