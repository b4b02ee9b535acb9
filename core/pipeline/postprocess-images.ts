import { parseSize } from "../model/image-models.ts";
import { isFinished, type GeneratedPicture, type ImageRecord } from "../model/step-results.ts";
import { degradedResult, saveSteps, stepOf, tryOrDegrade, type TaskRun } from "./task-run.ts";

/** Brings a generated image into its delivery format; one that fails is delivered as it was generated. */
export async function postprocessImage(run: TaskRun, index: number, size: string): Promise<void> {
  if (isFinished(stepOf(run, "postprocess", index))) return;
  const made = stepOf(run, "generate", index);
  if (made?.state !== "done") return;
  const generated = made.result;
  const { invoker, clock, settings } = run.deps;
  const startedMs = clock.monotonicMs();
  const durationMs = () => Math.round(clock.monotonicMs() - startedMs);
  const common = () => ({ step: "postprocess", index, durationMs: durationMs() }) as const;
  const failure = await tryOrDegrade(run, async () => {
    const result = await invoker.invoke(
      "ai-image-processor",
      {
        action: "postprocess",
        from: generated.key,
        to: `t/${run.task.id}/image-${index}.jpg`,
        operations: {
          resize: { ...parseSize(size), mode: "cover", enlarge: true },
          format: "jpeg",
          quality: 92,
        },
      },
      {
        signal: run.signal,
        repeatable: true,
        circuitPatienceMs: settings.circuits.circuitPatienceMs,
      },
    );
    const { key, width, height, bytes, format } = result;
    const image = { ...recordOf(generated), key, width, height, bytes, format };
    await saveSteps(run, [{ ...common(), state: "done", priceCredits: 0, result, image }]);
  });
  if (failure === null) return;
  const instead = { usedInstead: "the image as generated", creditsReturned: 0 };
  const lesser = { state: "degraded", priceCredits: 0 } as const;
  const image = recordOf(generated);
  await saveSteps(run, [
    { ...common(), ...lesser, result: degradedResult(failure, instead), image },
  ]);
}

/** The picture alone, without what the step noted beside it. */
function recordOf(generated: GeneratedPicture): ImageRecord {
  const { id, index, key, width, height, bytes, format, provider } = generated;
  return { id, index, key, width, height, bytes, format, provider };
}
