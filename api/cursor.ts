import { z } from "zod";
import type { ListPosition } from "../core/ports/store-types.ts";
import { parseJsonAs } from "../core/resilience/parse-json.ts";

const cursorSchema = z.tuple([
  z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  z.string().regex(/^[\w-]{1,64}$/),
]);

/**
 * The cursor behind an entry, as clients carry it. It is no secret and no key: it says where to read on, and whose list
 * is read comes from the token alone.
 */
export function encodeCursor({ createdAtMs, id }: ListPosition): string {
  return Buffer.from(JSON.stringify([createdAtMs, id])).toString("base64url");
}

/** Null for everything that `encodeCursor` does not write, to the character. */
export function decodeCursor(text: string): ListPosition | null {
  if (!/^[\w-]{8,200}$/.test(text)) return null;
  const parsed = parseJsonAs(cursorSchema, Buffer.from(text, "base64url").toString("utf8"));
  if (parsed === null) return null;
  const [createdAtMs, id] = parsed;
  const cursor = { createdAtMs, id };
  return encodeCursor(cursor) === text ? cursor : null;
}
