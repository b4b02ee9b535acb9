import type { ModelStore, Claim } from "./model-store.ts";

/** What the Store is given for a place of the model: one image has one id, under a key of its task's folder. */
export function imageOf({ taskId }: Claim, at: number, name: string) {
  const facts = { width: 64, height: 64, bytes: 900, format: "jpeg", provider: "preview" };
  const id = `${taskId.replace("task_", "img_")}${at}`;
  return { ...facts, id, index: at, key: `t/${taskId}/${name}-${at}.jpg` };
}

/** How many images were promised; no more are ever stored. */
export function promisedOf(model: ModelStore, { taskId }: Claim): number {
  return model.tasks.get(taskId)?.n ?? 1;
}

/** The step that the model names `generate/1`. */
export function stepOf(name: string) {
  const [step, at] = name.split("/");
  return { step: step === "prompt" ? "prompt" : "generate", index: Number(at) } as const;
}
