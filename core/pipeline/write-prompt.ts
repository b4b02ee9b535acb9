import type {
  PromptGeneratorEvent,
  PromptGeneratorResult,
} from "../function-schemas/prompt-generator.ts";
import { asDrapeError, codeOfFailure, DrapeError, ERRORS } from "../model/errors.ts";
import { garmentSaid, namedPresets } from "../model/named-presets.ts";
import { isFinished, type PromptPair } from "../model/step-results.ts";
import type { Preset, Scene } from "../ports/preset-store.ts";
import { originalOf } from "./import-sources.ts";
import {
  awaitInDoubtCalls,
  spentResult,
  commitPaidCalls,
  didOtherwise,
  errorOfPaidCall,
  forgetPaidCalls,
  logSwitches,
  inDoubtCalls,
  isSpent,
  notedIn,
  paidCallOptions,
  refreshStep,
  unusableAnswer,
  type BeforeCall,
} from "./paid-call.ts";
import {
  degradedResult,
  missedWrite,
  saveSteps,
  stepOf,
  tryOrDegrade,
  type TaskRun,
} from "./task-run.ts";

export type PromptRequest = {
  /** Object keys of the garment's photos, the main one first. */
  readonly photos: readonly string[];
  readonly clothingType?: string | undefined;
  readonly sceneType: string;
  readonly stylePreference: string;
  /** Whether a template will do. */
  readonly orTemplate: boolean;
};

const STEP = { step: "prompt", index: 0 } as const;

/**
 * Has a prompt written. When that fails and a template will do, it is used and the prompt's price returns; else what
 * failed is thrown, and an open circuit is not waited for.
 */
export async function writePrompt(run: TaskRun, request: PromptRequest): Promise<void> {
  if (isFinished(stepOf(run, "prompt"))) return;
  const startedMs = run.deps.clock.monotonicMs();
  const common = () => ({
    ...STEP,
    durationMs: Math.round(run.deps.clock.monotonicMs() - startedMs),
  });
  const presets = await run.deps.presets.listAll();
  const scene = presetOf(presets, "scene", request.sceneType);
  const style = presetOf(presets, "style", request.stylePreference);
  const clothingType = garmentSaid(request.clothingType);
  const garment = garmentOf(presets, clothingType);
  const priceCredits = run.task.prices.prompt;
  const write = async () => {
    const brief = {
      scene: named(scene),
      style: named(style),
      garmentTypes: garmentTypesOf(presets),
      ...(garment === undefined ? {} : { garment: named(garment) }),
      ...(clothingType === undefined ? {} : { clothingType }),
    };
    const call = { ...request, to: `t/${run.task.id}/prompt-0.json`, brief };
    const prompt = await findOrCall(run, call);
    const others = prompt.switches.map(({ from, code, to }) =>
      didOtherwise(codeOfFailure(code), `the prompt by ${to} instead of ${from}`),
    );
    const result = { ...prompt, ...notedIn(others) };
    await saveSteps(run, [{ ...common(), state: "done", priceCredits, result }]);
  };
  if (!request.orTemplate) return writeOrMiss(run, write, common);
  const failure = await tryOrDegrade(run, write);
  if (failure === null) return;
  const instead = {
    ...templatePrompt(scene, style, garment ?? ownWord(clothingType)),
    usedInstead: "a template prompt",
    creditsReturned: priceCredits,
  };
  const lesser = { state: "degraded", priceCredits: 0 } as const;
  await saveSteps(run, [{ ...common(), ...lesser, result: degradedResult(failure, instead) }]);
}

/**
 * Without a template: a prompt that was paid for and cannot be used is missed. The function asks for it twice by
 * itself, so what it says of a provider is the end; a call that was lost is made once more.
 */
async function writeOrMiss(
  run: TaskRun,
  write: () => Promise<void>,
  common: () => { readonly step: "prompt"; readonly index: number; readonly durationMs: number },
): Promise<void> {
  try {
    await write();
  } catch (thrown) {
    run.signal.throwIfAborted();
    const error = asDrapeError(thrown);
    if (error.ran !== "yes" || ERRORS[error.code].outcome === "fail") throw error;
    const isProviders = error.code.startsWith("PROVIDER_");
    if (!isProviders && !isSpent(await refreshStep(run, STEP))) throw error;
    await saveSteps(run, [missedWrite(common(), spentResult(error))]);
  }
}

/** Costs the same wherever the prompt comes from: it is delivered. A call that may be under way is not forgotten. */
async function findOrCall(run: TaskRun, call: PromptCall) {
  if (isInDoubt(run, call)) return callForPrompt(run, call);
  const photos = call.photos.map((_, index) => originalOf(run, index));
  const { clothingType, ...others } = call.brief;
  // The model is told the vocabulary's word instead, whichever way the customer wrote it.
  const input = others.garment === undefined ? { ...others, clothingType } : others;
  const request = { userId: run.task.userId, photos, input };
  const write = () => callForPrompt(run, call);
  const { prompt, cached } = await run.deps.promptCache.find(request, run.signal, write);
  return cached === null ? prompt : { ...prompt, cached };
}

async function callForPrompt(run: TaskRun, call: PromptCall): Promise<PromptGeneratorResult> {
  if (!isInDoubt(run, call)) {
    if (isSpent(stepOf(run, "prompt"))) throw unusableAnswer();
    try {
      return await invoke(run, call, (failed) => commitPaidCalls(run, [STEP], failed));
    } catch (thrown) {
      const error = await errorOfPaidCall(run, [STEP], thrown);
      if (error.ran !== "unknown" || error.code === "INTERNAL") throw error;
      run.deps.log.info("the prompt's answer was lost", { task: run.task.id, code: error.code });
      await refreshStep(run, STEP);
    }
  }
  return recoverPrompt(run, call);
}

const isInDoubt = (run: TaskRun, call: PromptCall): boolean =>
  inDoubtCalls(run, [{ ...STEP, key: call.to }]).length > 0;

type PromptCall = PromptRequest & { readonly to: string; readonly brief: PromptBrief };
/** All that the function is told beside the photos. */
type PromptBrief = Omit<PromptGeneratorEvent, "images" | "to">;

/** The same call again is free once the object is there: the function gives back what it stored. */
async function recoverPrompt(run: TaskRun, call: PromptCall): Promise<PromptGeneratorResult> {
  let recovered: PromptGeneratorResult | null = null;
  await awaitInDoubtCalls(run, [{ ...STEP, key: call.to }], async () => {
    recovered = await invoke(run, call);
  });
  if (recovered !== null) return recovered;
  await forgetPaidCalls(run, [STEP], "yes");
  throw new DrapeError("FUNCTION_TIMEOUT", "The prompt did not come in time.", { ran: "yes" });
}

async function invoke(
  run: TaskRun,
  { to, photos, brief, orTemplate }: PromptCall,
  beforeCall?: BeforeCall,
): Promise<PromptGeneratorResult> {
  const circuitPatienceMs = orTemplate ? run.deps.settings.circuits.circuitPatienceMs : 0;
  const prompt = await run.deps.invoker.invoke(
    "prompt-generator",
    { ...brief, images: [...photos], to },
    paidCallOptions(run, circuitPatienceMs, beforeCall),
  );
  logSwitches(run, "prompt-generator", prompt.switches);
  return prompt;
}

/** The word of the vocabulary that is meant, one in use before a retired one; none for a customer's own word. */
function garmentOf(presets: readonly Preset[], said: string | undefined): Preset | undefined {
  if (said === undefined) return undefined;
  const inUse = presets.filter(({ retired }) => !retired);
  return namedPresets(inUse, "garment", said)[0] ?? namedPresets(presets, "garment", said)[0];
}

const named = ({ id, en, zh }: Scene) => ({ id, en, zh });
const ownWord = (word: string | undefined) => (word === undefined ? word : { en: word, zh: word });

/** The vocabulary, as far as an event may carry it. */
function garmentTypesOf(presets: readonly Preset[]): string[] {
  const words = presets.flatMap(({ kind, en, retired }) =>
    kind === "garment" && !retired ? [en] : [],
  );
  return words.filter((word) => word.length <= 60).slice(0, 100);
}

function presetOf(scenes: readonly Scene[], kind: Scene["kind"], id: string): Scene {
  // A retired one is there still; a row that was deleted by hand names itself.
  return (
    scenes.find((scene) => scene.kind === kind && scene.id === id) ?? { id, kind, en: id, zh: id }
  );
}

/**
 * The prompt for when no model wrote one. It knows only what the customer said, so it leaves colour and cut to the
 * reference photo and says so first.
 */
function templatePrompt(
  scene: Scene,
  style: Scene,
  garment: Pick<Scene, "en" | "zh"> = { en: "garment", zh: "服装" },
): PromptPair {
  return {
    promptZh:
      `严格按照参考图中的${garment.zh}，保持其颜色、图案、面料与版型完全一致。` +
      `时尚电商模特上身照，场景：${scene.zh}；风格：${style.zh}。` +
      `全身或七分身构图，自然姿态，光线柔和，画面干净，真实皮肤与面料质感，高清细节。` +
      `避免改动颜色与图案、添加标志或文字、手部变形。`,
    promptEn:
      `Exactly the ${garment.en} of the reference photo: same colour, pattern, fabric and cut. ` +
      `Fashion e-commerce photo of a model wearing it. Scene: ${scene.en}. Style: ${style.en}. ` +
      `Full or three-quarter length, natural pose, soft light, clean frame, true skin and fabric texture, fine detail. ` +
      `Avoid a changed colour or pattern, added logos or text, distorted hands.`,
  };
}
