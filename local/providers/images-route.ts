import { z } from "zod";
import { createHash } from "node:crypto";
import { hashOf, type CutOutCache } from "../preview/cut-out-cache.ts";
import { makePreview } from "../preview/make-preview.ts";
import type { Answer } from "./answer.ts";
import type { DistinctPictures } from "./distinct-picture.ts";
import {
  checkImagesRequest,
  imagesSchema,
  isRefusal,
  type ImagesRequest,
} from "./images-request.ts";
import { readReferenceImage, ReferenceImageError } from "./reference-image.ts";

/** What the image route keeps between requests; all of it bounded. */
export interface ImagesState {
  readonly cutOuts: CutOutCache;
  /** The next seed of each combination of prompt, photos and size. */
  readonly seeds: Map<string, number>;
  readonly distinct: DistinctPictures;
  /** Pictures that answers point to. */
  readonly made: Map<string, Uint8Array>;
}

const SEEDS_MAX = 5000;
const MADE_MAX = 200;

/** The image model: Ark's request checked as documented, answered with a preview of the garment. */
export async function answerImages(
  body: unknown,
  origin: string,
  state: ImagesState,
): Promise<Answer> {
  const parsed = imagesSchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".") || "body";
    const missing = issue?.code === "invalid_type" && issue.message.endsWith("received undefined");
    const code = missing ? `MissingParameter.${field}` : `InvalidParameter.${field}`;
    return arkAnswer({ status: 400, code, message: z.prettifyError(parsed.error) });
  }
  const request = parsed.data;
  const sources = [request.image ?? []].flat();
  const noted = {
    model: request.model,
    promptExcerpt: request.prompt.slice(0, 300),
    imageCount: sources.length,
  };
  const size = checkImagesRequest(request);
  if (isRefusal(size)) return { ...arkAnswer(size), ...noted };
  try {
    const photos = await Promise.all(sources.map(readReferenceImage));
    const imageHashes = photos.map(hashOf);
    const combination = [request.prompt, request.size, ...imageHashes].join("\n");
    const { prompt } = request;
    const picture = await state.distinct.make(request.size, () => {
      const seed = nextSeed(state.seeds, combination);
      return makePreview({ photos, prompt, ...size, seed }, state.cutOuts);
    });
    return {
      ...noted,
      imageHashes,
      ...delivered(request, picture, { origin, ...size }, state.made),
    };
  } catch (error) {
    const why = error instanceof ReferenceImageError ? error.message : "unreadable picture";
    const message = `The parameter \`image\` specified in the request is not valid: ${why}`;
    return {
      ...arkAnswer({ status: 400, code: "InvalidImageURL.InvalidFormat", message }),
      ...noted,
    };
  }
}

// Ark takes no seed, and the n requests of one task are identical: each gets the next one in turn.
function nextSeed(seeds: Map<string, number>, combination: string): number {
  const key = createHash("sha256").update(combination).digest("base64");
  const seed = seeds.get(key) ?? 0;
  seeds.delete(key);
  seeds.set(key, seed + 1);
  dropOldest(seeds, SEEDS_MAX);
  return seed;
}

function delivered(
  request: ImagesRequest,
  picture: Uint8Array,
  { origin, width, height }: { origin: string; width: number; height: number },
  made: Map<string, Uint8Array>,
): Pick<Answer, "status" | "body" | "headers"> {
  const size = `${width}x${height}`;
  const tokens = Math.ceil((width * height) / 256);
  const id = hashOf(picture).slice(0, 32);
  const asUrl = request.response_format === "url";
  if (asUrl) {
    made.delete(id);
    made.set(id, picture);
    dropOldest(made, MADE_MAX);
  }
  const item = asUrl
    ? { url: `${origin}/made/${id}.jpg`, size }
    : { b64_json: Buffer.from(picture).toString("base64"), size };
  return {
    status: 200,
    headers: { "x-drape-provider": "preview" },
    body: {
      model: request.model,
      created: Math.floor(Date.now() / 1000),
      data: [item],
      usage: { generated_images: 1, output_tokens: tokens, total_tokens: tokens },
    },
  };
}

function dropOldest(map: Map<string, unknown>, sizeMax: number): void {
  const oldest = map.keys().next().value;
  if (map.size > sizeMax && oldest !== undefined) map.delete(oldest);
}

function arkAnswer(refusal: { status: number; code: string; message: string }): Answer {
  return {
    model: "",
    promptExcerpt: "",
    imageCount: 0,
    imageHashes: [],
    status: refusal.status,
    body: arkError(refusal.code, refusal.message, "BadRequest"),
  };
}

/** Ark's shape of an error. */
export function arkError(code: string, message: string, type: string) {
  return { error: { code, message, type } };
}
