import { zValidator } from "@hono/zod-validator";
import { createMiddleware } from "hono/factory";
import type { ZodType } from "zod";
import { DrapeError } from "../core/errors.ts";
import type { ApiEnv } from "./context.ts";

type Issue = {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code?: string | undefined;
  /** Of fields that the schema does not know. */
  readonly keys?: readonly string[];
};

/** Checks the JSON body; every fault is told with a JSON Pointer to its field. */
export function validJson<S extends ZodType>(schema: S) {
  return zValidator("json", schema, (result) => {
    if (!result.success) throw validationFailed(result.error.issues.flatMap(pointed));
  });
}

export function validQuery<S extends ZodType>(schema: S) {
  return zValidator("query", schema, (result) => {
    if (!result.success) throw validationFailed(result.error.issues.flatMap(pointed));
  });
}

/** A body that is not said to be JSON would otherwise be taken as empty. */
export const requireJson = createMiddleware<ApiEnv>(async function requireJson(c, next) {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/(?:[\w.+-]+\+)?json(?:\s*;.*)?$/i.test(type)) {
    throw new DrapeError(
      "UNSUPPORTED_MEDIA_TYPE",
      "Send the body with Content-Type: application/json.",
    );
  }
  await next();
});

export type FieldFault = {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
};

export function validationFailed(errors: readonly FieldFault[]): DrapeError {
  const first = errors[0];
  const detail =
    first === undefined
      ? "The request has invalid fields."
      : `${first.pointer || "/"}: ${first.detail}`;
  return new DrapeError("VALIDATION_FAILED", detail, { details: { errors: errors.slice(0, 50) } });
}

/** One fault for each unknown field, at its place; one for everything else. */
function pointed({ path, message, code, keys }: Issue): FieldFault[] {
  const word = (code ?? "invalid").toUpperCase();
  if (keys === undefined) return [{ pointer: pointerOf(path), code: word, detail: message }];
  const detail = "there is no such field";
  return keys.map((key) => ({ pointer: pointerOf([...path, key]), code: word, detail }));
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
