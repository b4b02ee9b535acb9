import { randomBytes } from "node:crypto";
import { newId, type IdPrefix } from "./ids.ts";

/** For tests: an id that nothing else has. */
export function freshId(prefix: IdPrefix, nowMs = Date.now()): string {
  return newId(prefix, nowMs, { bytes: (count) => randomBytes(count) });
}
