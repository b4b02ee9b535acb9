import { createHash } from "node:crypto";
import { isSimilar } from "../function-schemas/perceptual-hash.ts";
import {
  PROMPT_VERSION,
  type PromptGeneratorResult,
  promptGeneratorResultSchema,
} from "../function-schemas/prompt-generator.ts";
import type { Cache } from "../ports/cache.ts";
import { createSimilarGarments, type Fingerprints } from "./similar-garments.ts";
import type { PromptCacheCounter } from "./prompt-cache-stats.ts";
import { createSingleFlight, type FlightDeps } from "../resilience/single-flight.ts";
import { parseJsonAs } from "../resilience/parse-json.ts";

export type PromptRequest = {
  /** Prompts are never shared between customers. */
  readonly userId: string;
  /** The photos as they came, the main one first. */
  readonly photos: readonly PromptPhoto[];
  /**
   * All else that the function is told: texts of scene and style, garment, model. Both languages are always written,
   * so the language is no part of it.
   */
  readonly input: object;
};

type PromptPhoto = {
  /** Made of the photo's content: one content, one key. */
  readonly key: string;
  readonly perceptualHash?: string | undefined;
};

type FoundPrompt = {
  readonly prompt: PromptGeneratorResult;
  /** Whence it came; null: it was written just now. */
  readonly cached: "exact" | "similar" | null;
};

export interface PromptCache {
  /**
   * The prompt of the same request, or of one whose photos look the same; else what `write` gives, which is kept.
   * However many ask for the same at once, in all processes together, one of them writes: the others wait for it, and
   * when it fails the next one tries. Throws what `write` throws, or the signal's reason while it waits.
   */
  find(
    request: PromptRequest,
    signal: AbortSignal,
    write: () => Promise<PromptGeneratorResult>,
  ): Promise<FoundPrompt>;
}

type PromptCacheDeps = FlightDeps & {
  readonly cache: Cache;
  readonly counter: PromptCacheCounter;
};

const LIFE_MS = 7 * 24 * 3_600_000;
const UNPAID = { promptTokens: 0, completionTokens: 0 } as const;

/** A cache that is away, or that has forgotten, costs a provider call and nothing else. */
export function createPromptCache({
  cache,
  semaphore,
  clock,
  counter,
}: PromptCacheDeps): PromptCache {
  const similar = createSimilarGarments(cache, LIFE_MS);
  const flight = createSingleFlight<FoundPrompt>({ semaphore, clock });

  async function read(exactKey: string): Promise<PromptGeneratorResult | null> {
    const text = await cache.get(exactKey);
    const prompt = text === null ? null : parseJsonAs(promptGeneratorResultSchema, text);
    return prompt === null ? null : { ...prompt, usage: UNPAID };
  }

  const keep = (exactKey: string, prompt: PromptGeneratorResult) =>
    cache.set(exactKey, JSON.stringify(prompt), LIFE_MS);

  async function remember({ exactKey, like, look }: Keys, prompt: PromptGeneratorResult) {
    await keep(exactKey, prompt);
    if (look !== null) await similar.add(like, look, exactKey);
  }

  async function lookUp({ exactKey, like, look }: Keys): Promise<FoundPrompt | null> {
    const same = await read(exactKey);
    if (same !== null) return { prompt: same, cached: "exact" };
    if (look === null) return null;
    for (const known of await similar.find(like, (other) => isLike(look, other))) {
      const prompt = await read(known);
      if (prompt === null) continue;
      // The same again is exact from now on; its look is not added, lest small steps lead far away.
      await keep(exactKey, prompt);
      return { prompt, cached: "similar" };
    }
    return null;
  }

  return {
    async find(request, signal, write) {
      const keys = keysOf(request);
      const { value, shared } = await flight.run(keys.exactKey, signal, {
        lookUp: () => lookUp(keys),
        async make() {
          const prompt = await write();
          // What was paid for is given out, whatever becomes of its copy.
          await remember(keys, prompt).catch(() => undefined);
          return { prompt, cached: null };
        },
      });
      const found: FoundPrompt = shared
        ? { prompt: { ...value.prompt, usage: UNPAID }, cached: value.cached ?? "exact" }
        : value;
      await counter.count(found.cached ?? "misses");
      return found;
    },
  };
}

type Keys = {
  readonly exactKey: string;
  /** All requests of this customer that differ in the photos alone. */
  readonly like: string;
  /** Null when a photo's look is not known. */
  readonly look: Fingerprints | null;
};

function keysOf({ userId, photos, input }: PromptRequest): Keys {
  const same = [PROMPT_VERSION, userId, photos.length, input];
  const hashes = photos.flatMap(({ perceptualHash }) => perceptualHash ?? []);
  return {
    exactKey: `prompt:${hashOf([...same, photos.map(({ key }) => key)])}`,
    like: `prompt-looks:${hashOf(same)}`,
    look: hashes.length === photos.length ? hashes : null,
  };
}

function isLike(one: Fingerprints, other: Fingerprints): boolean {
  return one.length === other.length && one.every((hash, at) => isSimilar(hash, other[at] ?? ""));
}

const hashOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("base64url");
