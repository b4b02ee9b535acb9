import { parseSize } from "../model/image-models.ts";
import type { ImageOptions } from "../model/task-inputs.ts";
import type { ImageRecord } from "../model/task.ts";
import {
  allOrWorst,
  degradedWrite,
  pendingIndexes,
  saveSteps,
  stepOf,
  tryOrDegrade,
  type TaskRun,
} from "./task-run.ts";
import { z } from "zod";

/** Brings every generated image into its delivery format; one that fails is delivered as it was generated. */
export async function postprocessImages(run: TaskRun, { n, size }: ImageOptions): Promise<void> {
  const pending = pendingIndexes(run, "postprocess", n);
  await allOrWorst(pending.map((index) => postprocessImage(run, index, size)));
}

async function postprocessImage(run: TaskRun, index: number, size: string): Promise<void> {
  const made = stepOf(run, "generate", index);
  if (made?.state !== "done") return;
  const generated = imageRecordSchema.parse(made.result);
  const { invoker, clock, settings } = run.deps;
  const startedMs = clock.monotonicMs();
  const durationMs = () => Math.round(clock.monotonicMs() - startedMs);
  const place = () => ({ step: "postprocess", index, durationMs: durationMs() }) as const;
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
      { signal: run.signal, repeatable: true, circuitPatienceMs: settings.circuitPatienceMs },
    );
    const { key, width, height, bytes, format } = result;
    const image: ImageRecord = { ...generated, key, width, height, bytes, format };
    await saveSteps(run, [{ ...place(), state: "done", priceCredits: 0, result, image }]);
  });
  if (failure === null) return;
  const instead = { usedInstead: "the image as generated", creditsReturned: 0 };
  await saveSteps(run, [degradedWrite(place(), failure, instead)]);
}

const imageRecordSchema = z.object({
  id: z.string(),
  index: z.number(),
  key: z.string(),
  width: z.number(),
  height: z.number(),
  bytes: z.number(),
  format: z.string(),
  provider: z.string(),
});
