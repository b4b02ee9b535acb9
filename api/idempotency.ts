import { createHash } from "node:crypto";
import { DrapeError } from "../core/model/errors.ts";

/** The key of an `Idempotency-Key` header, quoted (as the draft has it) or bare; null when there is none. */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1];
  const key = quoted === undefined ? header : quoted.replaceAll(/\\(["\\])/g, "$1");
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new DrapeError(
      "MALFORMED_REQUEST",
      "Idempotency-Key must have 1 to 255 visible ASCII characters.",
    );
  }
  return key;
}

/** The same for bodies that differ only in the order of fields and in white space. */
export function hashBody(body: unknown): string {
  return createHash("sha256").update(canonicalJson(body)).digest("hex");
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(",")}}`;
}
