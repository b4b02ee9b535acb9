import type { GeneratedImage, ImageGeneratorResult } from "../function-schemas/image-generator.ts";
import type { ProviderSwitch } from "../function-schemas/provider-switch.ts";
import { codeOfFailure, ERRORS } from "../model/errors.ts";
import { findImageModel } from "../model/image-models.ts";
import type { DegradedResult, DoneOtherwise } from "../model/step-results.ts";
import type { TaskRun } from "./task-run.ts";

type MadeImage = Extract<GeneratedImage, { ok: true }>;
export type AskedImage = {
  readonly model: string;
  /** Whether the customer chose the model. */
  readonly isModelChosen: boolean;
  readonly size: string;
};

/** Of an image whose customer chose a model that its maker, first of the order, does not have. */
const MODEL_REPLACED = "MODEL_REPLACED";

/**
 * What a step's result says when another provider did it than should have: the step counts as done and is charged,
 * and its degradations tell who did it and why. Nothing to add when all went as it should.
 */
export function promptOtherwise(switches: readonly ProviderSwitch[]): DoneOtherwise {
  return otherwise(
    switches.map(({ from, code, to }) =>
      degradation(codeOfFailure(code), `the prompt by ${to} instead of ${from}`),
    ),
  );
}

export function imageOtherwise(
  image: MadeImage,
  switches: ImageGeneratorResult["switches"],
  asked: AskedImage,
): DoneOtherwise {
  const own = switches.filter(({ index }) => index === image.index);
  const facts = [...modelWords(image, asked), ...(own.length > 0 ? sizeWords(image, asked) : [])];
  const told = own.map(({ from, code, to }) =>
    degradation(codeOfFailure(code), [`images by ${to} instead of ${from}`, ...facts].join(", ")),
  );
  if (own.length === 0 && facts.length > 0)
    told.push(degradation(MODEL_REPLACED, facts.join(", ")));
  return otherwise(told);
}

/**
 * Tells the operator: loudly what only they can mend, since nothing pauses while another provider helps out. Each
 * reason once a call, however many pictures it met.
 */
export function logSwitches(
  { deps, task }: Pick<TaskRun, "deps" | "task">,
  name: string,
  switches: readonly ProviderSwitch[],
): void {
  const reasons = new Map(switches.map((one) => [`${one.from} ${one.code} ${one.to}`, one]));
  for (const { from, code, to, providerCode = code, message = "" } of reasons.values()) {
    const fields = { function: name, task: task.id, code, from, to };
    const words = `${name}: ${to} helps out for ${from}: ${providerCode}: ${message}`;
    if (ERRORS[codeOfFailure(code)].outcome === "pause") deps.log.failure(words, null, fields);
    else deps.log.info(words, fields);
  }
}

function modelWords(image: MadeImage, { model, isModelChosen }: AskedImage): string[] {
  if (!isModelChosen || image.model === undefined) return [];
  const canonical = (id: string) => findImageModel(id)?.id ?? id;
  if (canonical(image.model) === canonical(model)) return [];
  return [`by its model ${image.model} instead of ${model}`];
}

/** Post-processing brings it to the size that was asked for; from a smaller one that shows. */
function sizeWords({ width, height }: MadeImage, { size }: AskedImage): string[] {
  const made = `${width}x${height}`;
  return made === size ? [] : [`made at ${made}`];
}

const degradation = (reason: string, usedInstead: string): DegradedResult => ({
  reason,
  usedInstead,
  creditsReturned: 0,
});

const otherwise = (degradations: DegradedResult[]): DoneOtherwise =>
  degradations.length === 0 ? {} : { degradations };
