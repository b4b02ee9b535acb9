import { randomBytes, randomUUID } from "node:crypto";
import type { Random } from "../core/ports/random.ts";

export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (count) => randomBytes(count),
  token: () => randomUUID(),
};
