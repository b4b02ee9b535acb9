import { Hono } from "hono";
import { z } from "zod";
import { deletePreset, putPreset } from "../../core/admin/change-presets.ts";
import { PRESET_LIMITS, type Preset } from "../../core/ports/preset-store.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { smallBody } from "../body/body-middleware.ts";
import { closedObject, requireJson, validJson, validParam } from "../body/validate.ts";

const KINDS = ["scene", "style", "garment"] as const;

const nameSchema = z.object({
  kind: z.enum(KINDS, { error: `allowed are ${KINDS.join(", ")}` }),
  id: z
    .string()
    .max(40, "at most 40 characters")
    .regex(
      /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
      'lower-case words and numbers with hyphens: "roof-terrace"',
    ),
});

/** Also what cannot be seen and turns the text around it: the words go into prompts and onto pages. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const words = z
  .string()
  .trim()
  .min(1)
  // A character may be two of JavaScript's.
  .max(120, "at most 60 characters")
  .refine((text) => [...text].length <= 60, "at most 60 characters")
  .refine((text) => !UNSEEN.test(text), "no control characters and no line breaks");

const bodySchema = closedObject({
  en: words,
  zh: words,
  sortNo: z.number().int().min(0).max(100_000).optional(),
});

/** What there is to choose from, changed while everything runs. For administrators; see `createAdminRoutes`. */
export function createPresetRoutes(deps: ApiDeps) {
  return new Hono<ApiEnv>()
    .get("/", async (c) => {
      const presets = await deps.store.presets.list();
      return c.json({ data: presets.map(present), limit: PRESET_LIMITS.presetsMax });
    })
    .put(
      "/:kind/:id",
      requireJson,
      smallBody(deps),
      validParam(nameSchema),
      validJson(bodySchema),
      async (c) => {
        const write = { ...c.req.valid("param"), ...c.req.valid("json") };
        const done = await putPreset(deps, { ...write, actor: c.get("actor").userId });
        const answer = { preset: present(done.preset), changed: done.kind !== "unchanged" };
        return c.json(answer, done.kind === "created" ? 201 : 200);
      },
    )
    .delete("/:kind/:id", validParam(nameSchema), async (c) => {
      const name = c.req.valid("param");
      const deleted = await deletePreset(deps, { ...name, actor: c.get("actor").userId });
      return c.json({ deleted });
    });
}

function present({ kind, id, en, zh, sortNo, retired }: Preset) {
  return { kind, id, en, zh, sortNo, retired };
}
