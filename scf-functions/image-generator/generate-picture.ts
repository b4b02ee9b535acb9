import type {
  GeneratedImage,
  ImageGeneratorResult,
} from "../../core/function-schemas/image-generator.ts";
import { providerSwitchSchema } from "../../core/function-schemas/provider-switch.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import { failOver } from "../shared/fail-over.ts";
import { FunctionError, withRan } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { inspectPicture, PICTURE_TYPES } from "../shared/picture.ts";
import type { PreparedRequest } from "./image-provider.ts";

export type Switch = ImageGeneratorResult["switches"][number];
type TargetImage = { readonly index: number; readonly key: string };
type MadeImage = Extract<GeneratedImage, { ok: true }>;

/** A provider and its prepared request for this event, made when it is first needed. */
type OfferedProvider = { readonly name: string; readonly prepare: () => Promise<PreparedRequest> };

export type Generating = {
  readonly store: FunctionStore;
  /** In the order in which they are asked. */
  readonly providers: readonly OfferedProvider[];
  readonly onSwitches: (switches: readonly Switch[]) => void;
  readonly spend: (usage: ImageGeneratorResult["usage"]) => void;
};

/** Kept for the download and the copy: a picture that comes too late to be kept is paid for nothing. */
const COPY_RESERVE_MS = 30_000;
const COPY_SHARE = 0.2;
/** A picture takes 10 to 60 s, and a fifth is kept back: with less left the next provider would be paid for nothing. */
export const NEXT_PROVIDER_MS = 75_000;

/**
 * Generates one picture with the first provider that can be reached and copies it to its key. No other is asked once
 * one may have made it: what happens from then on is reported with the `ran` that is true.
 */
export async function generatePicture(
  { store, providers, onSwitches, spend }: Generating,
  target: TargetImage,
  tools: FunctionTools,
): Promise<MadeImage> {
  const rules = {
    remainingMs: tools.remainingMs,
    timeMinMs: NEXT_PROVIDER_MS,
    paysAgain: () => false,
  };
  const made = await failOver(providers, rules, async (offered) => {
    const prepared = await offered.prepare();
    const picture = await prepared.generate(generationSignal(tools));
    return { picture, model: prepared.model };
  });
  const { picture, model } = made.result;
  const { provider, generatedImages, outputTokens } = picture;
  spend({ generatedImages, outputTokens });
  const switches = made.switches.map((one) => ({ ...one, index: target.index }));
  onSwitches(switches);

  // From here on the picture exists and is paid for, whatever fails.
  try {
    const bytes = await picture.fetch(tools.signal);
    const facts = await inspectResult(bytes, tools);
    const { contentType } = PICTURE_TYPES[facts.format];
    const insteadOf = switches.map(({ from, code, to }) => `${from}:${code}:${to}`).join(",");
    const options = { contentType, provider, model, insteadOf };
    await store.put(target.key, bytes, options, tools.signal);
    return { ok: true, ...target, ...facts, bytes: bytes.byteLength, provider, model };
  } catch (error) {
    throw error instanceof FunctionError ? withRan(error, "yes") : error;
  }
}

/** What was kept with a picture about who did not make it. */
export function switchesOf(index: number, insteadOf: string | undefined): Switch[] {
  const kept = (insteadOf ?? "").split(",").map((one) => one.split(":"));
  return kept.flatMap(([from, code, to]) => {
    const read = providerSwitchSchema.safeParse({ from, code, to });
    return read.success ? [{ ...read.data, index }] : [];
  });
}

/** So that a picture that is paid for can be kept. */
function generationSignal(tools: FunctionTools): AbortSignal {
  const remaining = tools.remainingMs();
  const reserve = Math.min(COPY_RESERVE_MS, remaining * COPY_SHARE);
  const forGeneration = AbortSignal.timeout(Math.max(1, Math.round(remaining - reserve)));
  return AbortSignal.any([tools.signal, forGeneration]);
}

/** A damaged picture is the provider's fault here, not the customer's. */
async function inspectResult(bytes: Buffer, tools: FunctionTools) {
  try {
    const name = "The finished image";
    return await inspectPicture(bytes, { name, timeoutMs: tools.remainingMs() });
  } catch (error) {
    if (!(error instanceof FunctionError) || error.code === "FUNCTION_TIMEOUT") throw error;
    throw new FunctionError("PROVIDER_ANSWER_INVALID", error.message);
  }
}
