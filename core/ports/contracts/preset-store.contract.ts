import { expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import { PRESET_LIMITS, type PresetAct, type PresetWrite, type Scene } from "../preset-store.ts";
import type { Store } from "../store.ts";
import type { StoreSubject } from "./store.fixture.ts";

/** Scenes, styles and words for garments, and what an administrator may do with them. */
export function presetStoreContract(subject: () => StoreSubject): void {
  test("a new database knows scenes, styles and words for garments", async () => {
    const { store } = subject();

    const presets = await store.presets.list();

    expect(presets.filter(({ kind }) => kind === "scene").length).toBeGreaterThanOrEqual(9);
    expect(presets.find(({ id }) => id === "street")?.zh).toBe("街头");
    expect(presets.find(({ id }) => id === "dress")).toMatchObject({
      kind: "garment",
      zh: "连衣裙",
      retired: false,
    });
  });

  test("a new preset stands behind all of its kind, and its audit row says who made it and what it is", async () => {
    const { store } = subject();
    const write = rooftop();

    const outcome = await store.presets.put(write, actOf());

    const scenes = (await store.presets.list()).filter(({ kind }) => kind === "scene");
    const sortNo = 1 + Math.max(...scenes.slice(0, -1).map((scene) => scene.sortNo));
    const preset = { ...write, retired: false, sortNo };
    expect(scenes.at(-1)).toEqual(preset);
    expect(outcome).toEqual({ kind: "created", preset });
    expect(await auditOf(store, write)).toMatchObject([
      {
        actor: "usr_admin",
        action: "preset.put",
        detail: { before: null, after: { en: "rooftop", zh: "天台", sortNo, retired: false } },
      },
    ]);
  });

  test("the same words twice change nothing and leave one audit row", async () => {
    const { store } = subject();
    const write = rooftop();

    const kinds = [];
    for (const next of [write, write, { ...write, sortNo: 7 }, { ...write, sortNo: 7 }, write])
      kinds.push((await store.presets.put(next, actOf())).kind);

    expect(kinds).toEqual(["created", "unchanged", "changed", "unchanged", "unchanged"]);
    expect(await auditOf(store, write)).toHaveLength(2);
    expect((await findPreset(store, write))?.sortNo).toBe(7);
  });

  test("a change is audited with what it was before and is after", async () => {
    const { store } = subject();
    const write = rooftop();
    await store.presets.put({ ...write, sortNo: 9 }, actOf());

    await store.presets.put({ ...write, en: "roof terrace" }, actOf());

    const [change] = await auditOf(store, write);
    const words = { zh: "天台", sortNo: 9, retired: false };
    expect(change?.detail).toEqual({
      before: { ...words, en: "rooftop" },
      after: { ...words, en: "roof terrace" },
    });
  });

  test("one id is one preset in each kind", async () => {
    const { store } = subject();
    const scene = rooftop();
    const style = { ...scene, kind: "style", en: "rooftop style" } as const;

    const kinds = [];
    for (const write of [scene, style]) kinds.push((await store.presets.put(write, actOf())).kind);
    await store.presets.retire(style, actOf());

    expect(kinds).toEqual(["created", "created"]);
    expect((await findPreset(store, scene))?.retired).toBe(false);
    expect((await findPreset(store, style))?.retired).toBe(true);
  });

  test("a retired preset keeps its words; retiring it again, or what never was, is no error and leaves no trace", async () => {
    const { store } = subject();
    const write = rooftop();
    await store.presets.put(write, actOf());

    const done = [
      await store.presets.retire(write, actOf()),
      await store.presets.retire(write, actOf()),
    ];
    const never = await store.presets.retire({ kind: "scene", id: "never-was" }, actOf());

    expect([...done, never]).toEqual([true, false, false]);
    expect(await findPreset(store, write)).toMatchObject({ zh: "天台", retired: true });
    const acts = await auditOf(store, write);
    expect(acts.map(({ action }) => action)).toEqual(["preset.delete", "preset.put"]);
    expect(acts[0]?.detail).toMatchObject({ before: { retired: false }, after: { retired: true } });
    expect(await auditOf(store, { kind: "scene", id: "never-was" })).toEqual([]);
  });

  test("a retired preset comes back with the words that it is given", async () => {
    const { store } = subject();
    const write = rooftop();
    await store.presets.put({ ...write, sortNo: 3 }, actOf());
    await store.presets.retire(write, actOf());

    const outcome = await store.presets.put({ ...write, zh: "屋顶" }, actOf());

    const preset = { ...write, zh: "屋顶", sortNo: 3, retired: false };
    expect(outcome).toEqual({ kind: "changed", preset });
    expect(await findPreset(store, write)).toEqual(preset);
  });

  test("the same new preset from several callers at once is made once and noted once", async () => {
    const { store } = subject();
    const write = rooftop();

    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.presets.put(write, actOf())),
    );

    expect(outcomes.filter(({ kind }) => kind === "created")).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === "unchanged")).toHaveLength(7);
    expect(await auditOf(store, write)).toHaveLength(1);
  });

  test("an act whose audit row cannot be written does not stand", async () => {
    const { store } = subject();
    const [write, other] = [rooftop(), rooftop()];
    const act = actOf();
    await store.presets.put(write, act);

    const acts = [store.presets.put(other, act), store.presets.retire(write, act)];

    for (const refused of await Promise.allSettled(acts)) expect(refused.status).toBe("rejected");
    expect(await findPreset(store, other)).toBeUndefined();
    expect((await findPreset(store, write))?.retired).toBe(false);
  });

  test("there is a most; what is there can still be changed; a day after it was retired, one has made room", async () => {
    const { store, advance } = subject();
    const [last, beyond] = [rooftop(), rooftop()];
    const before = (await store.presets.list()).length;
    await store.presets.put(last, actOf());
    const fill = Array.from({ length: PRESET_LIMITS.presetsMax - before - 1 }, rooftop);

    for (const write of fill) await store.presets.put(write, actOf());
    const full = await store.presets.put(beyond, actOf());
    const changed = await store.presets.put({ ...last, en: "terrace" }, actOf());
    const [first = last] = fill;
    await store.presets.retire(first, actOf());
    const stillFull = await store.presets.put(beyond, actOf());
    advance(PRESET_LIMITS.keptRetiredMs);
    const fits = await store.presets.put(beyond, actOf());

    const kinds = [full, changed, stillFull, fits].map(({ kind }) => kind);
    expect(kinds).toEqual(["full", "changed", "full", "created"]);
    expect(await auditOf(store, beyond)).toHaveLength(1);
    expect(await findPreset(store, first)).toBeUndefined();
    expect((await findPreset(store, last))?.retired).toBe(false);
  });
}

let made = 0;

/** A preset of a name that no other test uses. */
function rooftop(): PresetWrite & Scene {
  made += 1;
  return { kind: "scene", id: `rooftop-${made}`, en: "rooftop", zh: "天台" };
}

function actOf(): PresetAct {
  return { id: freshId("aud"), actor: "usr_admin" };
}

async function findPreset(store: Store, { kind, id }: Pick<Scene, "kind" | "id">) {
  const presets = await store.presets.list();
  return presets.find((preset) => preset.kind === kind && preset.id === id);
}

async function auditOf(store: Store, { kind, id }: Pick<Scene, "kind" | "id">) {
  const entries = await store.audit.list({ limit: 100 });
  return entries.filter(({ subject }) => subject === `${kind}/${id}`);
}
