import { createHash } from "node:crypto";
import { Hono } from "hono";
import type { Scene } from "../../core/ports/preset-store.ts";
import { isKnownTag } from "../entity-tag.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";

/** A CDN may answer for five minutes, and for a day while it asks anew or while we are away. */
const CACHE = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=86400";

/** The scene and style presets and words for garments, in both languages; for everybody, and the same for everybody. */
export function createSceneRoutes({ presets }: Pick<ApiDeps, "presets">) {
  return new Hono<ApiEnv>().get("/api/v1/scenes", async (c) => {
    const all = await presets.list();
    const of = (kind: Scene["kind"]) =>
      all.filter((preset) => preset.kind === kind).map(({ id, en, zh }) => ({ id, en, zh }));
    const body = JSON.stringify({
      scenes: of("scene"),
      styles: of("style"),
      garments: of("garment"),
    });
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    c.header("ETag", etag);
    c.header("Cache-Control", CACHE);
    if (isKnownTag(c.req.header("if-none-match"), etag)) return c.body(null, 304);
    return c.body(body, 200, { "content-type": "application/json" });
  });
}
