import { z } from "zod";

export const imagesSchema = z.object({
  model: z.string().min(1),
  prompt: z.string().min(1),
  image: z.union([z.string(), z.array(z.string())]).optional(),
  size: z.string().default("2048x2048"),
  response_format: z.enum(["url", "b64_json"]).default("url"),
  watermark: z.boolean().default(true),
  sequential_image_generation: z.enum(["auto", "disabled"]).default("disabled"),
  stream: z.boolean().default(false),
  optimize_prompt_options: z.object({ mode: z.enum(["standard", "fast"]) }).optional(),
});
export type ImagesRequest = z.infer<typeof imagesSchema>;

interface ModelLimits {
  readonly tiers: readonly string[];
  readonly pixelsMin: number;
  readonly pixelsMax: number;
  readonly references: number;
  readonly fast: boolean;
}

const v4: ModelLimits = {
  tiers: ["1K", "2K", "4K"],
  pixelsMin: 921_600,
  pixelsMax: 16_777_216,
  references: 14,
  fast: true,
};
const v45: ModelLimits = { ...v4, tiers: ["2K", "4K"], pixelsMin: 3_686_400, fast: false };
const v5: ModelLimits = { ...v45, tiers: ["2K", "3K"], pixelsMax: 10_404_496 };

/** The models of Ark's documentation, lower case as Ark wants them. */
const models: Readonly<Record<string, ModelLimits>> = {
  "doubao-seedream-4-0-250828": v4,
  "doubao-seedream-4-5-251128": v45,
  "doubao-seedream-5-0-260128": v5,
  "doubao-seedream-5-0-lite-260128": v5,
};

const tierSides: Readonly<Record<string, number>> = {
  "1K": 1024,
  "2K": 2048,
  "3K": 3072,
  "4K": 4096,
};
const RATIO_MAX = 16;

/** Ark's refusal of a request. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export function isRefusal(value: object): value is Refusal {
  return "code" in value;
}

/** Pixels of the picture asked for, or why Ark would refuse the request. */
export function checkImagesRequest(
  request: ImagesRequest,
): { readonly width: number; readonly height: number } | Refusal {
  const limits = models[request.model];
  if (limits === undefined) {
    return {
      status: 404,
      code: "InvalidEndpointOrModel.NotFound",
      message: `The model or endpoint ${request.model} does not exist or you do not have access to it.`,
    };
  }
  const references = [request.image ?? []].flat();
  if (references.length > limits.references) {
    return invalid("image", `at most ${limits.references} reference images`);
  }
  if (request.optimize_prompt_options?.mode === "fast" && !limits.fast) {
    return invalid("optimize_prompt_options.mode", "this model knows standard only");
  }
  return sizeOf(request.size, limits);
}

function sizeOf(size: string, limits: ModelLimits) {
  const side = tierSides[size];
  if (side !== undefined) {
    if (limits.tiers.includes(size)) return { width: side, height: side };
    return invalid("size", `size must be one of ${limits.tiers.join(", ")} or WxH`);
  }
  const sides = /^(\d{2,5})x(\d{2,5})$/.exec(size);
  if (sides === null) return invalid("size", "size must be WxH or a tier such as 2K");
  const [width, height] = [Number(sides[1]), Number(sides[2])];
  const pixels = width * height;
  if (pixels < limits.pixelsMin || pixels > limits.pixelsMax) {
    return invalid(
      "size",
      `image size must be at least ${limits.pixelsMin} pixels and at most ${limits.pixelsMax} pixels`,
    );
  }
  const ratio = Math.max(width / height, height / width);
  if (ratio > RATIO_MAX) return invalid("size", "the ratio must be between 1/16 and 16");
  return { width, height };
}

function invalid(parameter: string, why: string): Refusal {
  return {
    status: 400,
    code: "InvalidParameter",
    message: `The parameter \`${parameter}\` specified in the request is not valid: ${why}.`,
  };
}
