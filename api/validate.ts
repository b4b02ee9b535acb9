import { zValidator } from "@hono/zod-validator";
import { createMiddleware } from "hono/factory";
import { z, type ZodType } from "zod";
import { DrapeError } from "../core/model/errors.ts";
import { faultsOfIssues } from "../core/model/faults-of-issues.ts";
import { validationFailed } from "../core/model/field-faults.ts";
import type { ApiEnv } from "./context.ts";

/** Checks the JSON body; every fault is reported with a JSON Pointer to its field. */
export function validJson<S extends ZodType>(schema: S) {
  return zValidator("json", schema, (result) => {
    if (!result.success) throw validationFailed(faultsOfIssues(result.error.issues));
  });
}

export function validQuery<S extends ZodType>(schema: S) {
  return zValidator("query", schema, (result) => {
    if (!result.success) throw validationFailed(faultsOfIssues(result.error.issues));
  });
}

/** The parts of the path that stand for something. */
export function validParam<S extends ZodType>(schema: S) {
  return zValidator("param", schema, (result) => {
    if (!result.success) throw validationFailed(faultsOfIssues(result.error.issues));
  });
}

/** An object that takes no other fields; whoever sends one is told which there are. */
export function closedObject<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `there is no such field; there are ${known}` : undefined,
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
