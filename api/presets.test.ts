import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { createPresets } from "../core/caches/preset-cache.ts";
import { PRESET_LIMITS } from "../core/ports/preset-store.ts";
import { EmbeddedBroadcast } from "../redis/embedded-broadcast.ts";
import { silentLog } from "../tests/silent-log.ts";
import { openTestApp, problemOf, fullBody, type TestApp } from "../tests/test-app.ts";

const PRESETS = "/api/v1/admin/presets";
const presetSchema = z.strictObject({
  kind: z.enum(["scene", "style", "garment"]),
  id: z.string(),
  en: z.string(),
  zh: z.string(),
  sortNo: z.number(),
  retired: z.boolean(),
});
const putSchema = z.strictObject({ preset: presetSchema, changed: z.boolean() });
const listSchema = z.strictObject({ data: z.array(presetSchema), limit: z.number() });
const auditSchema = z.object({
  data: z.array(z.object({ action: z.string(), subject: z.string(), actor: z.string() })),
});
const publicSchema = z.object({ scenes: z.array(z.object({ id: z.string(), en: z.string() })) });

/** Two processes on one database and one bus. */
const broadcast = new EmbeddedBroadcast(silentLog);
let app: TestApp;
let chief = "";
let anna = "";
beforeAll(async () => {
  app = await openTestApp(({ store, clock }) => ({
    presets: createPresets({ store, broadcast, clock }),
  }));
  chief = await app.signUpAdmin("chief@example.com");
  anna = await app.signUp("anna@example.com");
  const user = await app.deps.store.users.findByEmail("anna@example.com");
  const grant = { id: "trf_anna", userId: user?.id ?? "", amount: 500, reason: "test" };
  await app.deps.store.credits.grant({ ...grant, actor: "system" });
});
afterAll(() => app.close());

const call = (method: string, path: string, body?: unknown, token = chief) =>
  app.app.request(`${PRESETS}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const put = async (path: string, body: unknown) => {
  const answer = await call("PUT", path, body);
  return { status: answer.status, ...putSchema.parse(await answer.json()) };
};
const generate = (sceneType: string, more: object = {}) =>
  app.post("/api/ai-image/generate", { ...fullBody, sceneType, ...more }, { token: anna });
const scenes = async () => {
  const answer = await app.app.request("/api/v1/scenes");
  return { etag: answer.headers.get("etag"), ...publicSchema.parse(await answer.json()) };
};
const auditOf = async (subject: string) => {
  const answer = await app.get("/api/v1/admin/audit?limit=100", chief);
  return auditSchema.parse(await answer.json()).data.filter((act) => act.subject === subject);
};

describe("an administrator makes a scene", () => {
  test("and at once it is taken by a create and a quote and shown to everybody", async () => {
    const before = await scenes();
    const refused = await problemOf(await generate("rooftop"));

    const made = await put("/scene/rooftop", { en: " rooftop ", zh: "天台" });

    const after = await scenes();
    const input = { ...fullBody, sceneType: "rooftop" };
    const quote = await app.post(
      "/api/v1/ai-generation/quote",
      { type: "FULL_GENERATION", input },
      { token: anna },
    );
    expect(refused.errors?.[0]).toMatchObject({ pointer: "/sceneType", code: "NOT_ALLOWED" });
    expect(made).toMatchObject({
      status: 201,
      changed: true,
      preset: { kind: "scene", id: "rooftop", en: "rooftop", zh: "天台", retired: false },
    });
    expect((await generate("rooftop")).status).toBe(202);
    expect(quote.status).toBe(200);
    expect(after.scenes.at(-1)).toEqual({ id: "rooftop", en: "rooftop" });
    expect(after.etag).not.toBe(before.etag);
  });

  test("the same again is 200, changes nothing and is noted once", async () => {
    const body = { en: "harbour", zh: "港口", sortNo: 40 };

    const answers = [await put("/scene/harbour", body), await put("/scene/harbour", body)];

    expect(answers.map(({ status, changed }) => [status, changed])).toEqual([
      [201, true],
      [200, false],
    ]);
    const chiefId = (await app.deps.store.users.findByEmail("chief@example.com"))?.id ?? "";
    expect(await auditOf("scene/harbour")).toEqual([
      { action: "preset.put", subject: "scene/harbour", actor: chiefId },
    ]);
  });

  test("other words reach every process at once", async () => {
    const { store, clock } = app.deps;
    const other = createPresets({ store, broadcast, clock });
    await put("/style/boho", { en: "boho", zh: "波西米亚" });
    const before = await other.list();

    await put("/style/boho", { en: "bohemian", zh: "波西米亚" });

    const word = (presets: typeof before) => presets.find(({ id }) => id === "boho")?.en;
    expect([word(before), word(await other.list())]).toEqual(["boho", "bohemian"]);
    other.close();
  });

  test("what is wrong is told by its pointer", async () => {
    const good = { en: "pier", zh: "码头" };
    for (const [path, body, pointer] of [
      ["/place/pier", good, "/kind"],
      ["/scene/Pier", good, "/id"],
      ["/scene/pier-", good, "/id"],
      ["/scene/a%2Fb", good, "/id"],
      [`/scene/${"a".repeat(41)}`, good, "/id"],
      ["/scene/pier", { zh: "码头" }, "/en"],
      ["/scene/pier", { ...good, en: "   " }, "/en"],
      ["/scene/pier", { ...good, en: "x".repeat(61) }, "/en"],
      ["/scene/pier", { ...good, zh: "码\n头" }, "/zh"],
      ["/scene/pier", { ...good, zh: "码\u202e头" }, "/zh"],
      ["/scene/pier", { ...good, zh: "码\u0000头" }, "/zh"],
      ["/scene/pier", { ...good, sortNo: 1.5 }, "/sortNo"],
      ["/scene/pier", { ...good, kind: "style" }, "/kind"],
    ] as const) {
      const { status, errors = [] } = await problemOf(await call("PUT", path, body));
      expect([path, status, errors.map((fault) => fault.pointer)]).toEqual([path, 422, [pointer]]);
    }
    expect(await auditOf("scene/pier")).toEqual([]);
    expect((await put("/scene/pier", { ...good, zh: "码".repeat(60) })).status).toBe(201);
  });
});

describe("an administrator deletes a scene", () => {
  test("new tasks that name it are refused with what is allowed, and it is shown no more", async () => {
    await put("/scene/attic", { en: "attic", zh: "阁楼" });

    const answers = [await call("DELETE", "/scene/attic"), await call("DELETE", "/scene/attic")];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      { deleted: true },
      { deleted: false },
    ]);
    const { errors = [] } = await problemOf(await generate("attic"));
    expect(errors[0]).toMatchObject({ pointer: "/sceneType", code: "NOT_ALLOWED" });
    expect(errors[0]?.detail).toMatch(/^allowed are studio, /);
    expect(errors[0]?.detail).not.toContain("attic");
    expect((await scenes()).scenes.map(({ id }) => id)).not.toContain("attic");
    const list = listSchema.parse(await (await call("GET", "")).json());
    expect(list.data.find(({ id }) => id === "attic")?.retired).toBe(true);
    expect(list.limit).toBe(PRESET_LIMITS.presetsMax);
    expect((await auditOf("scene/attic")).map(({ action }) => action)).toEqual([
      "preset.delete",
      "preset.put",
    ]);
  });

  test("one that never was is no error and leaves no trace", async () => {
    const answer = await call("DELETE", "/garment/never-was");

    expect([answer.status, await answer.json()]).toEqual([200, { deleted: false }]);
    expect(await auditOf("garment/never-was")).toEqual([]);
  });

  test("and makes it again: it is the same preset, in use", async () => {
    await put("/scene/loft", { en: "loft", zh: "顶层公寓" });
    await call("DELETE", "/scene/loft");

    const again = await put("/scene/loft", { en: "loft", zh: "顶层公寓" });

    expect(again).toMatchObject({ status: 200, changed: true, preset: { retired: false } });
    expect((await generate("loft")).status).toBe(202);
  });
});

test("too many presets are refused in words", async () => {
  const full = await openTestApp(({ store }) => ({
    store: { ...store, presets: { ...store.presets, put: async () => ({ kind: "full" }) } },
  }));
  const token = await full.signUpAdmin("chief@example.com");

  const answer = await full.app.request(`${PRESETS}/scene/one-more`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ en: "one more", zh: "再一个" }),
  });

  const { status, code, detail } = await problemOf(answer);
  expect([status, code]).toEqual([409, "CONFLICT"]);
  expect(detail).toContain("500");
  await full.close();
});
