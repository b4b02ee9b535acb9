import type { Garment, PromptGeneratorResult } from "../function-schemas/prompt-generator.ts";
import type { ImageProcessorResult, ImageVariant } from "../function-schemas/image-processor.ts";
import type { ErrorCode } from "./errors.ts";

// What each step stores, as JSON, in the column `result`. A field that came later is optional: rows of an older
// version lack it, and the readers in task-results.ts say what its absence means.

export const STEP_NAMES = ["import", "preprocess", "prompt", "generate", "postprocess"] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** What a person should look at though it passed: the content check's label. */
type Reviewed = { readonly doubt?: string };

/** What a step says that was done, but by somebody else than it should have been. */
export type DoneOtherwise = { readonly degradations?: readonly DegradedResult[] };

export type ImportedPhoto = ImageProcessorResult & Reviewed;

/** Its smaller copies are those that a customer asked for; the photo that goes on to a provider has none. */
export type PreprocessedPhoto = ImageProcessorResult & {
  readonly variants?: readonly ImageVariant[];
};

export type PromptPair = { readonly promptZh: string; readonly promptEn: string };

type WrittenPrompt = PromptPair &
  DoneOtherwise &
  Partial<Pick<PromptGeneratorResult, "model" | "usage" | "switches">> & {
    /** What the model saw of the garment. */
    readonly garment?: Garment;
    readonly avoid?: readonly string[];
    /** Where it was found instead of written. */
    readonly cached?: "exact" | "similar";
  };

/** A picture to show. */
export type ImageRecord = {
  readonly id: string;
  readonly index: number;
  readonly key: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly format: string;
  readonly provider: string;
};

export type GeneratedPicture = ImageRecord & Reviewed & DoneOtherwise;

type DoneResults = {
  readonly import: ImportedPhoto;
  readonly preprocess: PreprocessedPhoto;
  readonly prompt: WrittenPrompt;
  readonly generate: GeneratedPicture;
  readonly postprocess: ImageProcessorResult;
};

export type DegradedResult = {
  /** An error's code, or one of the degradation's own. */
  readonly reason: string;
  readonly usedInstead: string;
  readonly creditsReturned: number;
};

/** The steps that have a lesser replacement; the result holds it where a later step works with it. */
type DegradedResults = {
  readonly preprocess: DegradedResult & ImageProcessorResult;
  readonly prompt: DegradedResult & PromptPair;
  readonly postprocess: DegradedResult;
};

/** The steps of which one may be missing for good while the others go on. */
export type MissableStep = "import" | "preprocess" | "prompt" | "generate";
export type MissedResult = {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to mend, as a JSON Pointer into the request, where one place of it is why. */
  readonly pointer?: string;
};

/** How a step ended: final, and what it then holds. */
export type StepOutcome = DoneStep | DegradedStep | MissedStep;
type DoneStep = {
  [S in StepName]: { readonly step: S; readonly state: "done"; readonly result: DoneResults[S] };
}[StepName];
type DegradedStep = {
  [S in keyof DegradedResults]: {
    readonly step: S;
    readonly state: "degraded";
    readonly result: DegradedResults[S];
  };
}[keyof DegradedResults];
type MissedStep = {
  [S in MissableStep]: {
    readonly step: S;
    readonly state: "missed";
    readonly result: MissedResult;
  };
}[MissableStep];

/** A paid call is or was under way. */
type StartedStep = {
  [S in StepName]: { readonly step: S; readonly state: "asked"; readonly result: null };
}[StepName];

export type StepProgress = StartedStep | StepOutcome;

/** `asked` = a paid call is or was under way; `done`, `degraded` and `missed` are final. */
export type StepState = StepProgress["state"];

export type StepRecord = StepProgress & {
  readonly index: number;
  /** When the last paid call was sent, database time; 0 for a step that calls nothing paid. */
  readonly askedAtMs: number;
  readonly askLimitMs: number;
  /** Paid calls, without those that surely did not run. */
  readonly asks: number;
  /** Those of them that ran and brought nothing usable. */
  readonly failures: number;
  /** Credits that this step costs the customer; 0 unless `done`. */
  readonly priceCredits: number;
  readonly durationMs: number;
};

export type RecordOf<S extends StepName> = Extract<StepRecord, { readonly step: S }>;

export function findStep<S extends StepName>(
  steps: readonly StepRecord[],
  step: S,
  index = 0,
): RecordOf<S> | undefined {
  return steps.find(
    (record): record is RecordOf<S> => record.step === step && record.index === index,
  );
}

export function isFinished(
  record: StepRecord | undefined,
): record is StepRecord & { readonly state: StepOutcome["state"] } {
  return record !== undefined && record.state !== "asked";
}
