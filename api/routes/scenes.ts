import { Hono } from "hono";
import type { Scene } from "../../core/ports/preset-store.ts";
import { answerPublic } from "../answer-public.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";

/** The scene and style presets and words for garments, in both languages; for everybody, and the same for everybody. */
export function createSceneRoutes({ presets }: Pick<ApiDeps, "presets">) {
  return new Hono<ApiEnv>().get("/api/v1/scenes", async (c) => {
    const all = await presets.list();
    const of = (kind: Scene["kind"]) =>
      all.filter((preset) => preset.kind === kind).map(({ id, en, zh }) => ({ id, en, zh }));
    return answerPublic(c, {
      scenes: of("scene"),
      styles: of("style"),
      garments: of("garment"),
    });
  });
}
