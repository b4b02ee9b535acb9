import type { Deps } from "../deps.ts";
import { notAllowed, validationFailed, type FieldFault } from "../model/field-faults.ts";
import {
  configuredModel,
  findImageModel,
  IMAGE_MODELS,
  type ImageModel,
} from "../model/image-models.ts";
import { preprocessFaults as faultsOfOptions } from "../model/preprocess-faults.ts";
import { watermarkKeyOf } from "../model/preprocess-options.ts";
import type {
  ImageOptions,
  ImageOptionsBody,
  PreprocessInput,
  TaskBody,
  TaskRequest,
} from "../model/task-inputs.ts";
import { choosePresets } from "./choose-presets.ts";

export type CompleteDeps = Pick<Deps, "presets" | "settings">;

/** Whose body it is, and where. */
export type SentBy = {
  readonly userId: string;
  /** Where the input stands in what the customer sent, as a JSON Pointer: faults are told from there. */
  readonly at: string;
};

/**
 * Checks a body against what only the catalogues know (presets, models and their sizes, whose watermark it is), and
 * fills in what was left out. Throws VALIDATION_FAILED with every fault, each with what is allowed.
 */
export async function completeRequest(
  deps: CompleteDeps,
  body: TaskBody,
  { at, userId }: SentBy,
): Promise<TaskRequest> {
  const faults: (FieldFault | null)[] = [];
  const request = await complete();
  const found = faults.filter((fault) => fault !== null);
  if (found.length > 0) throw validationFailed(found);
  return request;

  async function complete(): Promise<TaskRequest> {
    switch (body.type) {
      case "FULL_GENERATION": {
        const { input } = body;
        const chosen = choosePresets(await deps.presets.list(), input, at);
        faults.push(...chosen.faults);
        const model = configuredModel(deps.settings.imageModel);
        const options = completeOptions(model, input.options);
        faults.push(...imageFaults(model, options, `${at}/options`));
        return { ...body, input: { ...input, ...chosen.ids, options } };
      }
      case "PREPROCESS_ONLY":
        faults.push(...preprocessFaults(body.input, { at, userId }));
        return body;
      case "PROMPT_ONLY": {
        const chosen = choosePresets(await deps.presets.list(), body.input, at);
        faults.push(...chosen.faults);
        return { ...body, input: { ...body.input, ...chosen.ids } };
      }
      case "GENERATE_ONLY": {
        const { input } = body;
        const named = input.modelConfig?.model;
        const known = named === undefined ? undefined : findImageModel(named);
        const model = known ?? configuredModel(deps.settings.imageModel);
        const options = completeOptions(model, input.options);
        if (named !== undefined && known === undefined) {
          const ids = IMAGE_MODELS.map(({ id }) => id);
          faults.push(notIn(named, ids, `${at}/modelConfig/model`));
        } else {
          faults.push(...imageFaults(model, options, `${at}/options`));
          faults.push(tooMany(model, input.referenceImages ?? [], `${at}/referenceImages`));
        }
        return { ...body, input: { ...input, options } };
      }
      default:
        return body satisfies never;
    }
  }
}

/** Without a size the first of the model's. */
function completeOptions({ sizes }: ImageModel, options: ImageOptionsBody): ImageOptions {
  return { ...options, size: options.size ?? sizes[0] };
}

function imageFaults(model: ImageModel, options: ImageOptions, at: string) {
  return [
    notIn(options.size, model.sizes, `${at}/size`),
    notIn(options.quality, model.qualities, `${at}/quality`),
  ];
}

function tooMany(
  model: ImageModel,
  references: readonly string[],
  pointer: string,
): FieldFault | null {
  if (references.length <= model.referencesMax) return null;
  return { pointer, code: "TOO_BIG", detail: `${model.id} takes at most ${model.referencesMax}` };
}

/** What the function would refuse, and a picture of somebody else's for a watermark. */
function preprocessFaults({ options }: PreprocessInput, { at, userId }: SentBy): FieldFault[] {
  const key = watermarkKeyOf(options);
  if (key !== undefined && !key.startsWith(`u/${userId}/`)) {
    const pointer = `${at}/options/watermark/imageKey`;
    return [{ pointer, code: "NOT_FOUND", detail: "there is no such object of yours" }];
  }
  return faultsOfOptions(options).map((fault) => ({
    ...fault,
    pointer: `${at}/options${fault.pointer}`,
  }));
}

function notIn(value: string, allowed: readonly string[], pointer: string): FieldFault | null {
  return allowed.includes(value) ? null : notAllowed(allowed, pointer);
}
