import pLimit from "p-limit";
import { z } from "zod";
import { perceptualHashSchema } from "../function-schemas/perceptual-hash.ts";
import type { Cache } from "../ports/cache.ts";
import { parseJsonAs } from "../resilience/parse-json.ts";

/** The perceptual hashes of a request's photos, the main one first. */
export type Fingerprints = readonly string[];

/** Which prompts were written for photos that look how, by a key that all else of the request makes. */
export interface SimilarGarments {
  /** Keys of the prompts whose look `isLike`, the newest first. */
  find(like: string, isLike: (look: Fingerprints) => boolean): Promise<readonly string[]>;
  /** Two processes that add at one moment may lose one of the looks: then it is written once more. */
  add(like: string, look: Fingerprints, promptKey: string): Promise<void>;
}

const entriesSchema = z.array(
  z.object({ promptKey: z.string(), look: z.array(perceptualHashSchema) }),
);
type Entries = z.infer<typeof entriesSchema>;

/** Of one key; beyond either the oldest go. A single photo takes 550 bytes, four take 1,900. */
const ENTRIES_MAX = 200;
const BYTES_MAX = 200_000;

export function createSimilarGarments(cache: Cache, lifeMs: number): SimilarGarments {
  const oneAtATime = pLimit(1);

  async function read(like: string): Promise<Entries> {
    const text = await cache.get(like);
    return text === null ? [] : (parseJsonAs(entriesSchema, text) ?? []);
  }

  return {
    async find(like, isLike) {
      const known = await read(like);
      return known.filter(({ look }) => isLike(look)).map(({ promptKey }) => promptKey);
    },
    add: (like, look, promptKey) =>
      oneAtATime(async () => {
        const others = (await read(like)).filter((entry) => entry.promptKey !== promptKey);
        const entries = [{ promptKey, look: [...look] }, ...others].slice(0, ENTRIES_MAX);
        while (JSON.stringify(entries).length > BYTES_MAX) entries.pop();
        await cache.set(like, JSON.stringify(entries), lifeMs);
      }),
  };
}
