import { zValidator } from "@hono/zod-validator";
import { createMiddleware } from "hono/factory";
import { z, type ZodType } from "zod";
import { DrapeError } from "../core/model/errors.ts";
import type { ApiEnv } from "./context.ts";

/** Checks the JSON body; every fault is told with a JSON Pointer to its field. */
export function validJson<S extends ZodType>(schema: S) {
  return zValidator("json", schema, (result) => {
    if (!result.success) throw validationFailed(faultsOf(result.error.issues));
  });
}

export function validQuery<S extends ZodType>(schema: S) {
  return zValidator("query", schema, (result) => {
    if (!result.success) throw validationFailed(faultsOf(result.error.issues));
  });
}

/** The parts of the path that stand for something. */
export function validParam<S extends ZodType>(schema: S) {
  return zValidator("param", schema, (result) => {
    if (!result.success) throw validationFailed(faultsOf(result.error.issues));
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

export type FieldFault = {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
};

export function notAllowed(allowed: readonly string[], pointer: string): FieldFault {
  return { pointer, code: "NOT_ALLOWED", detail: `allowed are ${allowed.join(", ")}` };
}

export function validationFailed(errors: readonly FieldFault[]): DrapeError {
  const first = errors[0];
  const detail =
    first === undefined
      ? "The request has invalid fields."
      : `${first.pointer || "/"}: ${first.detail}`;
  return new DrapeError("VALIDATION_FAILED", detail, { details: { errors: errors.slice(0, 50) } });
}

type Issue = z.core.$ZodIssue;

/** One fault for each field: the first that was found. Of unknown fields each has its own. */
export function faultsOf(issues: readonly Issue[]): FieldFault[] {
  const faults = issues.flatMap(faultsOfIssue);
  return [...Map.groupBy(faults, ({ pointer }) => pointer).values()].flatMap(([first]) =>
    first === undefined ? [] : [first],
  );
}

function faultsOfIssue(issue: Issue): FieldFault[] {
  const { path, message } = issue;
  const code = issue.code.toUpperCase();
  switch (issue.code) {
    case "unrecognized_keys": {
      const detail = message.startsWith("there is") ? message : "there is no such field";
      return issue.keys.map((key) => ({ pointer: pointerOf([...path, key]), code, detail }));
    }
    case "invalid_union":
      return faultsOfUnion(issue) ?? [{ pointer: pointerOf(path), code, detail: message }];
    default:
      return [{ pointer: pointerOf(path), code, detail: message }];
  }
}

/**
 * Of a value that may be one of several things: the faults of the one that it is nearest to, which is one whose type
 * it has; else all that it might have been. Null where zod says no more.
 */
function faultsOfUnion({ path, errors }: Issue & { code: "invalid_union" }): FieldFault[] | null {
  if (errors.length === 0) return null;
  const within = errors
    .flatMap(branchesOf)
    .map((issues) => issues.map((inner) => ({ ...inner, path: [...path, ...inner.path] })));
  const near = within
    .filter((issues) => issues.every((inner) => inner.path.length > path.length || isMeant(inner)))
    .sort((a, b) => a.length - b.length)[0];
  if (near !== undefined) return faultsOf(near);
  const detail = [...new Set(within.flat().map(({ message }) => message))].join("; or ");
  return [{ pointer: pointerOf(path), code: "INVALID_UNION", detail }];
}

/** A choice within a choice is one choice of more. */
function branchesOf(issues: readonly Issue[]): readonly (readonly Issue[])[] {
  const [only] = issues;
  const nested = issues.length === 1 && only?.code === "invalid_union" && only.path.length === 0;
  return nested && only.errors.length > 0 ? only.errors.flatMap(branchesOf) : [issues];
}

/** A fault of the thing itself that only one of its kind can have. */
function isMeant({ code }: Issue): boolean {
  return code !== "invalid_type" && code !== "invalid_value" && code !== "invalid_union";
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
