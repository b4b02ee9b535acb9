import {
  findSeedreamModel,
  isArkEndpoint,
  SEEDREAM_MODELS,
  SEEDREAM_RATIO_MAX,
  type SeedreamModel,
} from "../../core/function-schemas/seedream-models.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { ImageEvent } from "./image-provider.ts";

type PreparedArkRequest = {
  readonly model: SeedreamModel | undefined;
  /** Data URIs. */
  readonly references: readonly string[];
  readonly streams: boolean;
};

/** The request for exactly one picture; the same bytes serve all requests of a call. */
export function arkRequestBody(
  event: ImageEvent,
  { model, references, streams }: PreparedArkRequest,
): Buffer {
  const body = {
    model: model?.id ?? event.model,
    prompt: event.prompt,
    size: event.size,
    sequential_image_generation: "disabled",
    response_format: "url",
    // The legal label is ours to draw: theirs has a fixed size that a crop may cut off.
    watermark: false,
    ...(model === undefined ? {} : { optimize_prompt_options: { mode: modeFor(model, event) } }),
    ...(model?.takesOutputFormat === true && event.outputFormat !== undefined
      ? { output_format: event.outputFormat }
      : {}),
    ...(references.length === 0 ? {} : { image: references }),
    ...(streams ? { stream: true } : {}),
  };
  return Buffer.from(JSON.stringify(body));
}

/** What of the event is not sent, since the model cannot do it. */
export function arkRequestNotes(event: ImageEvent): string[] {
  const model = findSeedreamModel(event.model);
  const name = model?.id ?? event.model;
  const notes: string[] = [];
  if (event.seed !== undefined) notes.push(`seed: ${name} takes none, so none was sent`);
  if (event.optimizeMode === "fast" && model?.optimizeModes.includes("fast") !== true) {
    notes.push(`optimizeMode: ${name} does not know "fast"; its own mode was used`);
  }
  if (event.outputFormat === "png" && model?.takesOutputFormat !== true) {
    notes.push(`outputFormat: ${name} decides it itself`);
  }
  return notes;
}

/**
 * The event's model. Throws EVENT_INVALID, naming what is allowed, for what Ark would refuse: an unknown model, a
 * size, too many references. Undefined for an endpoint of the account, which does not tell its model: nothing is
 * checked then, and nothing model-specific is sent.
 */
export function checkedModel(event: ImageEvent): SeedreamModel | undefined {
  if (isArkEndpoint(event.model)) return undefined;
  const model = findSeedreamModel(event.model);
  if (model === undefined) {
    const known = SEEDREAM_MODELS.map(({ id }) => id).join(", ");
    throw refusal("model", `${event.model} is unknown; known are ${known}, and endpoints (ep-…)`);
  }
  const { id, referencesMax } = model;
  if (event.referenceKeys.length > referencesMax) {
    throw refusal("referenceKeys", `${id} takes at most ${referencesMax} reference pictures`);
  }
  if (!makesSize(model, event.size)) {
    const { pixelsMin, pixelsMax, sizeTiers } = model;
    const range = `${pixelsMin} to ${pixelsMax} pixels with sides up to ${SEEDREAM_RATIO_MAX} : 1`;
    throw refusal("size", `${id} makes ${sizeTiers.join(", ")} or ${range}, not ${event.size}`);
  }
  return model;
}

function makesSize(model: SeedreamModel, size: string): boolean {
  if (model.sizeTiers.includes(size)) return true;
  const [width = Number.NaN, height = Number.NaN] = size.split("x").map(Number);
  const pixels = width * height;
  const ratio = Math.max(width, height) / Math.min(width, height);
  return pixels >= model.pixelsMin && pixels <= model.pixelsMax && ratio <= SEEDREAM_RATIO_MAX;
}

function modeFor(model: SeedreamModel, { optimizeMode }: ImageEvent): ImageEvent["optimizeMode"] {
  return model.optimizeModes.includes(optimizeMode) ? optimizeMode : "standard";
}

const refusal = (field: string, why: string) =>
  new FunctionError("EVENT_INVALID", `The event is invalid at /${field}: ${why}.`);
