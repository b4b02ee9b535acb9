import type { z } from "zod";
import type { FieldFault } from "./field-faults.ts";

type Issue = z.core.$ZodIssue;

/** What a schema found, field by field. One fault for each field: the first that was found. Of unknown fields each has its own. */
export function faultsOfIssues(issues: readonly Issue[]): FieldFault[] {
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
  if (near !== undefined) return faultsOfIssues(near);
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

/** Names are customers' own and may be as long as a body: one that is longer than this is cut, with an ellipsis. */
const NAME_SHOWN_MAX = 100;

/** A path as a JSON Pointer (RFC 6901). */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${shown(String(part)).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

function shown(name: string): string {
  if (name.length <= NAME_SHOWN_MAX) return name;
  return `${name.slice(0, NAME_SHOWN_MAX).toWellFormed()}…`;
}
