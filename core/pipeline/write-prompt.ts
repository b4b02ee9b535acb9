import { z } from "zod";
import type { PromptGeneratorResult } from "../contracts/prompt-generator.ts";
import { asDrapeError, DrapeError } from "../errors.ts";
import type { Scene } from "../ports/store.ts";
import type { InvokeOptions } from "../resilient-invoker.ts";
import { callLimitMs } from "../task-settings.ts";
import { isFinished } from "../task.ts";
import { awaitLostAnswers, lostAnswers } from "./lost-answers.ts";
import { preparedPhoto } from "./preprocess-photos.ts";
import {
  leaseLost,
  placeOf,
  saveAsks,
  saveSteps,
  stepOf,
  tryOrDegrade,
  type TaskRun,
} from "./task-run.ts";
import { templatePrompt } from "./template-prompt.ts";

const STEP = { step: "prompt", index: 0 } as const;

/** Has a prompt written; when that fails, a template is used and the prompt's price returns. */
export async function writePrompt(run: TaskRun): Promise<void> {
  if (isFinished(stepOf(run, "prompt"))) return;
  const startedMs = run.deps.clock.monotonicMs();
  const durationMs = () => Math.round(run.deps.clock.monotonicMs() - startedMs);
  const scenes = await run.deps.presets.list();
  const scene = presetOf(scenes, "scene", run.task.input.sceneType);
  const style = presetOf(scenes, "style", run.task.input.stylePreference);
  const priceCredits = run.task.prices.prompt;
  const failure = await tryOrDegrade(run, async () => {
    const result = await askForPrompt(run, scene, style);
    await saveSteps(run, [
      { ...STEP, state: "done", priceCredits, durationMs: durationMs(), result },
    ]);
  });
  if (failure === null) return;
  const result = {
    ...templatePrompt(scene, style),
    reason: failure.code,
    usedInstead: "a template prompt",
    creditsReturned: priceCredits,
  };
  await saveSteps(run, [
    { ...STEP, state: "degraded", priceCredits: 0, durationMs: durationMs(), result },
  ]);
}

async function askForPrompt(
  run: TaskRun,
  scene: Scene,
  style: Scene,
): Promise<PromptGeneratorResult> {
  const to = `t/${run.task.id}/prompt-0.json`;
  const wasLost = lostAnswers(run, [{ ...STEP, key: to }]).length > 0;
  if (!wasLost) {
    try {
      return await invoke(run, { to, scene, style }, (failed) => commitAsk(run, failed));
    } catch (thrown) {
      // A call that we gave up ourselves may still be running over there, whatever the reason says.
      run.signal.throwIfAborted();
      const error = asDrapeError(thrown);
      if (error.ran !== "unknown") await forgetAsk(run, error.ran);
      if (error.ran !== "unknown" || error.code === "INTERNAL") throw error;
      run.deps.log.info("the prompt's answer was lost", { task: run.task.id, code: error.code });
      await refreshAsk(run);
    }
  }
  return recoverPrompt(run, { to, scene, style });
}

/** Before each sending of the paid call. A try before it is over and brought nothing: it does not count as an ask. */
async function commitAsk(run: TaskRun, failed: DrapeError | null): Promise<void> {
  if (failed !== null) await forgetAsk(run, "no");
  const askLimitMs = callLimitMs(run.deps.settings, "prompt-generator");
  await saveAsks(run, [{ ...STEP, askLimitMs }]);
}

type PromptPlace = { readonly to: string; readonly scene: Scene; readonly style: Scene };

/** The same call again is free once the object is there: the function gives back what it stored. */
async function recoverPrompt(run: TaskRun, place: PromptPlace): Promise<PromptGeneratorResult> {
  let recovered: PromptGeneratorResult | null = null;
  await awaitLostAnswers(run, [{ ...STEP, key: place.to }], async () => {
    recovered = await invoke(run, place);
  });
  if (recovered !== null) return recovered;
  await forgetAsk(run, "yes");
  throw new DrapeError("FUNCTION_TIMEOUT", "The prompt did not come in time.", { ran: "yes" });
}

function invoke(
  run: TaskRun,
  { to, scene, style }: PromptPlace,
  beforeCall?: InvokeOptions["beforeCall"],
): Promise<PromptGeneratorResult> {
  const images = run.task.sources.slice(0, 4).map((_, index) => preparedPhoto(run, index).key);
  const named = ({ id, en, zh }: Scene) => ({ id, en, zh });
  return run.deps.invoker.invoke(
    "prompt-generator",
    { images, to, scene: named(scene), style: named(style) },
    {
      signal: run.signal,
      repeatable: false,
      circuitPatienceMs: run.deps.settings.circuitPatienceMs,
      ...(beforeCall === undefined ? {} : { beforeCall }),
    },
  );
}

async function forgetAsk(run: TaskRun, ran: "no" | "yes"): Promise<void> {
  if (!(await run.deps.store.clearAsks(placeOf(run), [STEP], ran))) throw leaseLost();
}

/** The database's own time of the ask, needed to wait it out. */
async function refreshAsk(run: TaskRun): Promise<void> {
  const task = await run.deps.store.findTask(run.task.id);
  if (task !== null) run.steps = task.steps;
}

function presetOf(scenes: readonly Scene[], kind: Scene["kind"], id: string): Scene {
  // A preset that was removed meanwhile still names itself.
  return (
    scenes.find((scene) => scene.kind === kind && scene.id === id) ?? { id, kind, en: id, zh: id }
  );
}

const promptPairSchema = z.object({ promptZh: z.string(), promptEn: z.string() });

/** The prompt to work with, written or from the template. */
export function promptOf(
  run: Pick<TaskRun, "steps">,
): { promptZh: string; promptEn: string } | null {
  const record = run.steps.find((step) => step.step === "prompt" && isFinished(step));
  return record === undefined ? null : promptPairSchema.parse(record.result);
}
