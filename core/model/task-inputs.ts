import type { PreprocessOptions } from "./preprocess-options.ts";

export const TASK_TYPES = [
  "FULL_GENERATION",
  "PREPROCESS_ONLY",
  "PROMPT_ONLY",
  "GENERATE_ONLY",
] as const;
export type TaskType = (typeof TASK_TYPES)[number];

export type ImageOptions = {
  readonly size: string;
  /** The image model's effort with the prompt. */
  readonly quality: "standard" | "fast";
  readonly n: number;
};

export type FullGenerationInput = {
  readonly clothingImages: readonly string[];
  readonly sceneType: string;
  readonly stylePreference: string;
  readonly options: ImageOptions;
};

export type PreprocessInput = {
  readonly images: readonly string[];
  readonly options: PreprocessOptions;
};

export type PromptInput = {
  readonly imageUrl: string;
  /** What the customer calls the garment, if they said it. */
  readonly clothingType?: string | undefined;
  readonly stylePreference: string;
  readonly sceneType: string;
};

export type GenerateInput = {
  readonly prompt: string;
  readonly referenceImages?: readonly string[] | undefined;
  readonly options: ImageOptions;
  /** Without one the configured model. */
  readonly modelConfig?: { readonly model: string } | undefined;
};

/** Without a size the first of the model's. */
export type ImageOptionsBody = Omit<ImageOptions, "size"> & { readonly size?: string | undefined };

/**
 * A task as it was sent, whoever brought it: of the right form, but not yet complete nor checked against what only the
 * catalogues know.
 */
export type TaskBody =
  | {
      readonly type: "FULL_GENERATION";
      readonly input: Omit<FullGenerationInput, "options"> & { readonly options: ImageOptionsBody };
    }
  | { readonly type: "PREPROCESS_ONLY"; readonly input: PreprocessInput }
  | { readonly type: "PROMPT_ONLY"; readonly input: PromptInput }
  | {
      readonly type: "GENERATE_ONLY";
      readonly input: Omit<GenerateInput, "options"> & { readonly options: ImageOptionsBody };
    };

/** What a customer asks for: complete, and checked against presets, models and sizes. */
export type TaskRequest =
  | { readonly type: "FULL_GENERATION"; readonly input: FullGenerationInput }
  | { readonly type: "PREPROCESS_ONLY"; readonly input: PreprocessInput }
  | { readonly type: "PROMPT_ONLY"; readonly input: PromptInput }
  | { readonly type: "GENERATE_ONLY"; readonly input: GenerateInput };
