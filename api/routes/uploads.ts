import { Hono } from "hono";
import { z } from "zod";
import { IMAGE_LIMITS } from "../../core/function-schemas/image-processor.ts";
import { newId } from "../../core/model/ids.ts";
import { UPLOAD_TYPES, uploadKey, uploadTypeOf } from "../../core/model/uploads.ts";
import { admitUploadForm } from "../../core/tasks/upload-limits.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { smallBody } from "../body/body-middleware.ts";
import { requireJson, validJson } from "../body/validate.ts";

const uploadBodySchema = z.strictObject({
  contentType: z
    .string()
    .max(200)
    .transform((text) => uploadTypeOf(text) ?? text)
    .pipe(z.enum(UPLOAD_TYPES)),
  /** When given, the form takes no more than this. */
  bytes: z.number().int().min(1).max(IMAGE_LIMITS.sourceBytesMax).optional(),
});

/** A signed form for uploading one photo straight to the object store; bytes never pass through the API. */
export function createUploadRoutes(deps: ApiDeps) {
  return new Hono<ApiEnv>().post(
    "/",
    requireJson,
    smallBody(deps),
    validJson(uploadBodySchema),
    async (c) => {
      const { contentType, bytes } = c.req.valid("json");
      const nowMs = deps.clock.nowMs();
      const maxBytes = bytes ?? IMAGE_LIMITS.sourceBytesMax;
      await admitUploadForm(deps, c.get("actor").userId, maxBytes);
      const name = newId("img", nowMs, deps.random);
      const key = uploadKey(c.get("actor").userId, name, contentType);
      const form = deps.objects.signedUploadForm({ key, contentType, maxBytes }, nowMs);
      return c.json(
        {
          upload: { url: form.url, method: form.method, fields: form.fields, fileField: "file" },
          objectUrl: deps.objects.objectUrl(key),
          maxBytes,
          expiresAt: new Date(form.expiresAtMs).toISOString(),
        },
        201,
      );
    },
  );
}
