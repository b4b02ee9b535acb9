import type { z } from "zod";
import type { FunctionFailure } from "../function-schemas/function-answer.ts";
import {
  imageGeneratorAnswerSchema,
  type ImageGeneratorEvent,
  type ImageGeneratorResult,
} from "../function-schemas/image-generator.ts";
import {
  imageProcessorAnswerSchema,
  type ImageBatchResult,
  type ImageProcessorEvent,
  type ImageProcessorResult,
} from "../function-schemas/image-processor.ts";
import {
  promptGeneratorAnswerSchema,
  type PromptGeneratorEvent,
  type PromptGeneratorResult,
} from "../function-schemas/prompt-generator.ts";

export const FUNCTION_NAMES = [
  "ai-image-processor",
  "prompt-generator",
  "image-generator",
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

export function eachFunction<T>(
  make: (name: FunctionName) => T,
): Readonly<Record<FunctionName, T>> {
  const entries = FUNCTION_NAMES.map((name) => [name, make(name)] as const);
  return Object.fromEntries(entries) as Record<FunctionName, T>; // an entry for each name
}

type FunctionFacts = {
  readonly answer: z.ZodType;
  /** The function's own time limit as deployed; the caller waits 5 s longer. */
  readonly timeoutMs: number;
  /** Memory as deployed; a multiple of 128. */
  readonly memoryMb: number;
  /** Calls in flight from one process. */
  readonly concurrency: number;
  /** Calls in flight from all processes together. */
  readonly permitsMax: number;
};

/** The three functions: what they promise and the limits they run under. */
export const FUNCTIONS = {
  "ai-image-processor": {
    answer: imageProcessorAnswerSchema,
    timeoutMs: 30_000,
    memoryMb: 1024,
    concurrency: 8,
    permitsMax: 64,
  },
  "prompt-generator": {
    answer: promptGeneratorAnswerSchema,
    timeoutMs: 60_000,
    memoryMb: 512,
    concurrency: 8,
    permitsMax: 32,
  },
  "image-generator": {
    answer: imageGeneratorAnswerSchema,
    timeoutMs: 300_000,
    memoryMb: 1024,
    concurrency: 8,
    permitsMax: 32,
  },
} as const satisfies Record<FunctionName, FunctionFacts>;

/**
 * The failure of a whole call that answered part by part: when every part failed, the function or its provider as a
 * whole did, and retry, circuit and pause shall see it. One whose outcome is unknown speaks for all: it forbids asking
 * again.
 */
export function wholeFailure(name: FunctionName, result: unknown): FunctionFailure | null {
  const parts = partsOf(name, result);
  const failures = parts.flatMap((part) => (part.ok ? [] : [part.failure]));
  if (failures.length < parts.length) return null;
  const [first] = failures.sort((a, b) => GRAVITY[b.ran] - GRAVITY[a.ran]);
  return first ?? null;
}

type Part = { readonly ok: true } | { readonly ok: false; readonly failure: FunctionFailure };

/** Of results parsed by the catalogue's schema before. */
function partsOf(name: FunctionName, result: unknown): readonly Part[] {
  switch (name) {
    case "image-generator":
      return (result as ImageGeneratorResult).images;
    case "ai-image-processor":
      return (result as Partial<ImageBatchResult>).items ?? [];
    case "prompt-generator":
      return [];
    default:
      return name satisfies never;
  }
}

const GRAVITY = { no: 0, yes: 1, unknown: 2 } as const;

export type FunctionEvents = {
  "ai-image-processor": ImageProcessorEvent;
  "prompt-generator": PromptGeneratorEvent;
  "image-generator": ImageGeneratorEvent;
};
export type FunctionResults = {
  /** Of an event for one picture; who sends `process` parses its own. */
  "ai-image-processor": ImageProcessorResult;
  "prompt-generator": PromptGeneratorResult;
  "image-generator": ImageGeneratorResult;
};
