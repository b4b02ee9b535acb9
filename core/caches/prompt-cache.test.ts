import { beforeEach, describe, expect, test } from "bun:test";
import { EmbeddedCache } from "../../redis/embedded-cache.ts";
import { EmbeddedLeases } from "../../redis/embedded-leases.ts";
import { EmbeddedProcessRegistry } from "../../redis/embedded-process-registry.ts";
import { LeaseSemaphore } from "../../redis/lease-semaphore.ts";
import type { PromptGeneratorResult } from "../function-schemas/prompt-generator.ts";
import { createPromptCache, type PromptCache, type PromptRequest } from "./prompt-cache.ts";
import { createPromptCacheCounter, readPromptCacheCounts } from "./prompt-cache-stats.ts";
import { systemClock } from "../../runtime/system-clock.ts";
import { system } from "../../runtime/system.ts";

const never = new AbortController().signal;
const prompt: PromptGeneratorResult = {
  garment: { type: "dress", colors: ["red"], pattern: "solid" },
  promptZh: "红色连衣裙，摄影棚，优雅风格，柔和光线",
  promptEn: "A red dress in a studio, elegant, soft light.",
  avoid: [],
  model: "scripted",
  usage: { promptTokens: 100, completionTokens: 10 },
  switches: [],
};
/** A hash whose first digits and first colour bytes are as said. */
const hash = (bits = "", colours = "") => bits.padEnd(64, "0") + colours.padEnd(384, "8");

function requestOf(change: Partial<PromptRequest> = {}): PromptRequest {
  return {
    userId: "usr_a",
    photos: [{ key: "u/usr_a/in/1.jpg", perceptualHash: hash() }],
    input: { scene: { id: "studio", en: "studio", zh: "摄影棚" } },
    ...change,
  };
}
const looking = (key: string, perceptualHash?: string) => ({ photos: [{ key, perceptualHash }] });

describe("createPromptCache", () => {
  let cache: EmbeddedCache;
  let registry: EmbeddedProcessRegistry;
  let leases: EmbeddedLeases;
  let prompts: PromptCache;
  let written: number;
  const openProcess = (processId: string) =>
    createPromptCache({
      cache,
      semaphore: new LeaseSemaphore(leases, system),
      clock: systemClock,
      counter: createPromptCacheCounter(registry, processId),
    });
  const write = async () => {
    written += 1;
    await new Promise(setImmediate);
    return { ...prompt, model: `scripted ${written}` };
  };
  const findPrompt = (change?: Partial<PromptRequest>, through = prompts) =>
    through.find(requestOf(change), never, write);
  beforeEach(() => {
    cache = new EmbeddedCache(systemClock);
    registry = new EmbeddedProcessRegistry(systemClock);
    leases = new EmbeddedLeases(systemClock);
    prompts = openProcess("process_a");
    written = 0;
  });

  test("the same request is found in another process too, and its tokens are not told twice", async () => {
    const first = await findPrompt();
    const second = await findPrompt({}, openProcess("process_b"));

    expect(first).toEqual({ prompt: { ...prompt, model: "scripted 1" }, cached: null });
    expect(second).toEqual({
      prompt: { ...first.prompt, usage: { promptTokens: 0, completionTokens: 0 } },
      cached: "exact",
    });
  });

  test("a hundred at once in two processes: one is written", async () => {
    const other = openProcess("process_b");

    const found = await Promise.all(
      Array.from({ length: 100 }, (_, at) => findPrompt({}, at % 2 === 0 ? prompts : other)),
    );

    expect(written).toBe(1);
    expect(found.filter(({ cached }) => cached === null)).toHaveLength(1);
    expect(await readPromptCacheCounts(registry)).toEqual({ exact: 99, similar: 0, misses: 1 });
  });

  test("a photo that looks the same is found, and is exact from then on", async () => {
    await findPrompt();

    const similar = await findPrompt(looking("u/usr_a/in/2.jpg", hash("ffff")));
    const again = await findPrompt(looking("u/usr_a/in/2.jpg"));

    expect([similar.cached, again.cached, written]).toEqual(["similar", "exact", 1]);
    expect(await readPromptCacheCounts(registry)).toEqual({ exact: 1, similar: 1, misses: 1 });
  });

  test("small steps from one photo to the next lead nowhere far", async () => {
    await findPrompt();
    await findPrompt(looking("u/usr_a/in/2.jpg", hash("ffffffff")));

    const third = await findPrompt(looking("u/usr_a/in/3.jpg", hash("ffffffffffffffff")));

    expect([third.cached, written]).toEqual([null, 2]);
  });

  const others: readonly (readonly [string, Partial<PromptRequest>])[] = [
    ["another customer's", { userId: "usr_b" }],
    ["of another scene", { input: { scene: { id: "beach", en: "beach", zh: "海滩" } } }],
    ["of a scene whose text was changed", { input: { scene: { id: "studio", en: "x", zh: "x" } } }],
    ["for another model", { input: { ...requestOf().input, model: "other" } }],
    ["of another shape", looking("u/usr_a/in/2.jpg", hash("fffffffff"))],
    ["of another colour", looking("u/usr_a/in/2.jpg", hash("", "7e"))],
    ["of a photo whose look is not known", looking("u/usr_a/in/2.jpg")],
    ["of one photo more", { photos: [...requestOf().photos, ...requestOf().photos] }],
  ];
  for (const [name, change] of others) {
    test(`a request ${name} is written anew`, async () => {
      await findPrompt();

      const other = await findPrompt(change);

      expect([other.cached, written]).toEqual([null, 2]);
    });
  }

  test("one that failed is not kept, and nor is what cannot be read", async () => {
    const failing = prompts.find(requestOf(), never, () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    await findPrompt();
    const { get } = cache;
    cache.get = async (key) => (await get.call(cache, key))?.replace("promptZh", "x") ?? null;

    const after = await findPrompt();

    expect([after.cached, written]).toEqual([null, 2]);
  });

  test("a cache that breaks costs a call and never a prompt that was paid", async () => {
    cache.set = () => Promise.reject(new RangeError("too large"));

    const found = await findPrompt();

    expect(found.prompt.model).toBe("scripted 1");
  });

  test("of many looks the oldest are forgotten, and the value stays within the port's limit", async () => {
    const sizes: number[] = [];
    const { set } = cache;
    cache.set = (key, value, lifeMs) => {
      sizes.push(value.length);
      return set.call(cache, key, value, lifeMs);
    };
    const four = (at: number) =>
      Array.from({ length: 4 }, (_, photo) => ({
        key: `u/usr_a/in/${at}-${photo}.jpg`,
        perceptualHash: hash(at.toString(2).padStart(7, "0").replaceAll("1", "f").repeat(9)),
      }));

    for (let at = 0; at < 120; at += 1) await findPrompt({ photos: four(at) });

    expect(written).toBe(120);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200_000);
  });
});
