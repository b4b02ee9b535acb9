import type { z } from "zod";
import type { FunctionFailure } from "./contracts/function-answer.ts";
import {
  imageGeneratorAnswerSchema,
  type ImageGeneratorEvent,
  type ImageGeneratorResult,
} from "./contracts/image-generator.ts";
import {
  imageProcessorAnswerSchema,
  type ImageProcessorEvent,
  type ImageProcessorResult,
} from "./contracts/image-processor.ts";
import {
  promptGeneratorAnswerSchema,
  type PromptGeneratorEvent,
  type PromptGeneratorResult,
} from "./contracts/prompt-generator.ts";

export const FUNCTION_NAMES = [
  "ai-image-processor",
  "prompt-generator",
  "image-generator",
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

type FunctionFacts = {
  readonly answer: z.ZodType;
  /** The function's own time limit as deployed; the caller waits 5 s longer. */
  readonly timeoutMs: number;
  /** Memory as deployed; a multiple of 128. */
  readonly memoryMb: number;
  /** Calls in flight from one process. */
  readonly concurrency: number;
  /** Calls in flight from all processes together. */
  readonly slotsMax: number;
};

/** The three functions: what they promise and the limits they run under. */
export const FUNCTIONS = {
  "ai-image-processor": {
    answer: imageProcessorAnswerSchema,
    timeoutMs: 30_000,
    memoryMb: 1024,
    concurrency: 8,
    slotsMax: 64,
  },
  "prompt-generator": {
    answer: promptGeneratorAnswerSchema,
    timeoutMs: 60_000,
    memoryMb: 512,
    concurrency: 8,
    slotsMax: 32,
  },
  "image-generator": {
    answer: imageGeneratorAnswerSchema,
    timeoutMs: 300_000,
    memoryMb: 1024,
    concurrency: 8,
    slotsMax: 32,
  },
} as const satisfies Record<FunctionName, FunctionFacts>;

/**
 * The failure of a whole call that answered part by part: when every image failed, the provider as a whole did, and
 * retry, circuit and pause shall see it. One whose outcome is unknown speaks for all: it forbids asking again.
 */
export function wholeFailure(name: FunctionName, result: unknown): FunctionFailure | null {
  if (name !== "image-generator") return null;
  const { images } = result as ImageGeneratorResult; // parsed by the catalogue's schema before
  const failures = images.flatMap((image) => (image.ok ? [] : [image.failure]));
  if (failures.length < images.length) return null;
  const [first] = failures.sort((a, b) => GRAVITY[b.ran] - GRAVITY[a.ran]);
  return first ?? null;
}

const GRAVITY = { no: 0, yes: 1, unknown: 2 } as const;

export type FunctionEvents = {
  "ai-image-processor": ImageProcessorEvent;
  "prompt-generator": PromptGeneratorEvent;
  "image-generator": ImageGeneratorEvent;
};
export type FunctionResults = {
  "ai-image-processor": ImageProcessorResult;
  "prompt-generator": PromptGeneratorResult;
  "image-generator": ImageGeneratorResult;
};
