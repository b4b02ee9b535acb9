import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { sql } from "kysely";
import { openTestApp, type TestApp } from "../tests/test-app.ts";

const presetSchema = z.strictObject({ id: z.string(), en: z.string(), zh: z.string() });
const bodySchema = z.strictObject({
  scenes: z.array(presetSchema),
  styles: z.array(presetSchema),
  garments: z.array(presetSchema),
});

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const getList = (etag?: string) =>
  app.app.request(
    "/api/v1/scenes",
    etag === undefined ? {} : { headers: { "if-none-match": etag } },
  );

test("scenes and styles are for everybody, in both languages, and a CDN may keep them", async () => {
  const answer = await getList();

  const { scenes, styles, garments } = bodySchema.parse(await answer.json());
  expect(answer.headers.get("cache-control")).toMatch(/^public, max-age=\d+/);
  expect(scenes[0]).toEqual({ id: "studio", en: "studio", zh: "摄影棚" });
  expect(styles.map(({ id }) => id)).toContain("elegant");
  expect(garments.map(({ id }) => id)).toContain("qipao");
  expect(answer.headers.has("vary")).toBe(false);
});

test("what is known already is 304, strong or weak, and anew once a preset has changed", async () => {
  const etag = (await getList()).headers.get("etag") ?? "";

  const known = [await getList(etag), await getList(`"other", W/${etag}`)];
  await sql`update scenes set en = 'a studio' where id = 'studio'`.execute(app.db.kysely);
  await app.deps.presets.changed();
  const changed = await getList(etag);

  expect(known.map(({ status }) => status)).toEqual([304, 304]);
  expect([changed.status, changed.headers.get("etag") === etag]).toEqual([200, false]);
});
