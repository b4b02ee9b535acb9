import type { FunctionName } from "../../core/model/functions.ts";
import type { ObjectStore } from "../../core/ports/cloud.ts";
import { PICTURE_PNG } from "./try-out-picture.ts";

type Store = Pick<ObjectStore, "put" | "delete">;

/** A brief as prompt-generator keeps it. */
const BRIEF_JSON = JSON.stringify({
  garment: { type: "shirt", colors: ["red"], pattern: "plain" },
  promptZh: "一件红色衬衫，平铺，白色背景，柔和光线",
  promptEn: "a red shirt, laid flat on a white background in soft light",
  model: "none",
  usage: { promptTokens: 0, completionTokens: 0 },
});
const WORD = { id: "studio", en: "studio", zh: "摄影棚" };

export type TryOut = {
  /** Writes what the calls read. */
  prepare(): Promise<void>;
  /** An event that loads the code, the image library and the store, and that no provider bills. */
  eventOf(name: FunctionName): unknown;
  cleanUp(): Promise<void>;
};

/**
 * The calls that a new version must pass. The processor works on a picture; the other two are asked for what exists
 * already, which they answer from the store. `id` keeps one deployment's objects from another's.
 */
export function createTryOut(store: Store, id: string): TryOut {
  const [picture, brief, made] = ["picture.png", "brief.json", "made.webp"].map(
    (file) => `deploy/try-out/${id}/${file}`,
  ) as [string, string, string]; // three in, three out
  const events: Readonly<Record<FunctionName, unknown>> = {
    "ai-image-processor": {
      action: "preprocess",
      from: picture,
      to: made,
      operations: { resize: { width: 32, height: 32, mode: "inside" }, format: "webp" },
    },
    "prompt-generator": { images: [picture], to: brief, scene: WORD, style: WORD },
    "image-generator": {
      model: "doubao-seedream-4-0-250828",
      prompt: "nothing, it exists",
      size: "1024x1024",
      referenceKeys: [],
      images: [{ index: 0, key: picture }],
    },
  };
  return {
    async prepare() {
      await store.put(picture, PICTURE_PNG, "image/png");
      await store.put(brief, new TextEncoder().encode(BRIEF_JSON), "application/json");
    },
    eventOf: (name) => events[name],
    async cleanUp() {
      for (const key of [picture, brief, made]) await store.delete(key);
    },
  };
}

/** Why an answer does not pass, or null. */
export function faultOf(answer: unknown): string | null {
  const { ok, failure, result } = (answer ?? {}) as {
    readonly ok?: unknown;
    readonly failure?: { readonly code?: string; readonly message?: string };
    readonly result?: { readonly images?: readonly { readonly ok?: boolean }[] };
  }; // read with care: a function of another version may have answered
  if (ok === false) return `${failure?.code ?? "?"}: ${failure?.message ?? ""}`;
  if (ok !== true) return `an answer without ok: ${JSON.stringify(answer)?.slice(0, 200)}`;
  const missed = result?.images?.find((image) => image.ok === false);
  return missed === undefined ? null : JSON.stringify(missed).slice(0, 300);
}
