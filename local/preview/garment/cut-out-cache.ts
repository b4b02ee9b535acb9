import { createHash } from "node:crypto";
import {
  cutOutGarment,
  type CutOut,
} from "../../../scf-functions/ai-image-processor/cut-out/cut-out.ts";

/** Cut-outs of the last photos, so that the n pictures of one photo cost one cut. */
export interface CutOutCache {
  /** The cut-out of a photo; the same photo asked twice at once is cut once. Failures are not kept. */
  cutOut(photo: Uint8Array): Promise<CutOut>;
}

export function createCutOutCache(entriesMax: number): CutOutCache {
  const entries = new Map<string, Promise<CutOut>>();
  return {
    cutOut(photo) {
      const key = hashOf(photo);
      const known = entries.get(key);
      entries.delete(key);
      const wanted = known ?? cutOutGarment(photo);
      entries.set(key, wanted);
      wanted.catch(() => entries.delete(key));
      const oldest = entries.keys().next().value;
      if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
      return wanted;
    },
  };
}

/** SHA-256 of the bytes, hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
