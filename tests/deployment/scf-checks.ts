import { configuredModel } from "../../core/model/image-models.ts";
import { DrapeError } from "../../core/model/errors.ts";
import {
  FUNCTION_NAMES,
  FUNCTIONS,
  type FunctionEvents,
  type FunctionName,
} from "../../core/model/functions.ts";
import type { FunctionInvoker, ObjectStore } from "../../core/ports/cloud.ts";
import type { Check } from "./check-table.ts";

type Parts = {
  readonly functions: FunctionInvoker;
  readonly objects: ObjectStore;
  readonly photo: Uint8Array;
  readonly imageModel: string;
  /** Why what a provider bills is left out; null when it is not. */
  readonly whyNotPaid: string | null;
};

const FOLDER = `t/check-${Date.now()}`;
const PHOTO = `${FOLDER}/photo.jpg`;
const PREPARED = `${FOLDER}/prepared.jpg`;
const PICTURE = `${FOLDER}/picture.jpg`;
const SCENE = { id: "studio", en: "studio", zh: "摄影棚" };
const STYLE = { id: "elegant", en: "elegant", zh: "优雅" };

/** Store, state of each function, then each function for real, in the order in which a task calls them. */
export function scfChecks(parts: Parts): readonly Check[] {
  const { functions, objects } = parts;
  const described = FUNCTION_NAMES.map((name): Check => ({
    name: `${name} is deployed`,
    async run() {
      const state = await withReason(functions.describe(name, AbortSignal.timeout(10_000)));
      if (!state.deployed || !state.active) throw new Error(state.detail);
      return state.detail;
    },
  }));
  const store: Check = {
    name: "COS takes and gives back",
    async run() {
      await withReason(objects.put(PHOTO, parts.photo, "image/jpeg"));
      const facts = await withReason(objects.head(PHOTO));
      if (facts?.bytes !== parts.photo.byteLength) throw new Error("the object has another size");
      return `${facts.bytes} bytes`;
    },
  };
  return [store, ...described, processorCheck(parts), ...paidChecks(parts), cleanUp(parts)];
}

function processorCheck(parts: Parts): Check {
  return {
    name: "ai-image-processor prepares",
    async run() {
      const result = await call(parts, "ai-image-processor", {
        action: "preprocess",
        from: PHOTO,
        to: PREPARED,
        operations: { resize: { width: 512, height: 512, mode: "inside" }, format: "jpeg" },
      });
      return say(result, "width", "height", "bytes");
    },
  };
}

function paidChecks(parts: Parts): Check[] {
  let prompt = "";
  const skip = () => parts.whyNotPaid;
  return [
    {
      name: "prompt-generator writes",
      skip,
      async run() {
        const to = `${FOLDER}/prompt.json`;
        const event = { images: [PREPARED], to, scene: SCENE, style: STYLE };
        const result = (await call(parts, "prompt-generator", event)) as { promptZh: string }; // parsed by its schema
        prompt = result.promptZh;
        return prompt.slice(0, 40);
      },
    },
    {
      name: "image-generator makes",
      skip,
      async run() {
        const result = await call(parts, "image-generator", {
          model: parts.imageModel,
          prompt,
          size: configuredModel(parts.imageModel).sizes[0],
          optimizeMode: "standard",
          referenceKeys: [PREPARED],
          images: [{ index: 0, key: PICTURE }],
        });
        const { images } = result as { images: { ok: boolean }[] }; // parsed by its schema
        if (images[0]?.ok !== true) throw new Error(JSON.stringify(images[0]));
        return say(images[0], "width", "height", "provider");
      },
    },
  ];
}

function cleanUp({ objects }: Parts): Check {
  return {
    name: "what was written is removed",
    async run() {
      const keys = [PHOTO, PREPARED, PICTURE, `${FOLDER}/prompt.json`];
      for (const key of keys) await withReason(objects.delete(key));
      return `${keys.length} objects`;
    },
  };
}

async function call<N extends FunctionName>(
  { functions }: Parts,
  name: N,
  event: FunctionEvents[N],
): Promise<unknown> {
  const signal = AbortSignal.timeout(FUNCTIONS[name].timeoutMs + 5_000);
  const answer = FUNCTIONS[name].answer.parse(
    await withReason(functions.call(name, event, signal)),
  );
  if (!answer.ok) throw new Error(`${answer.failure.code}: ${answer.failure.message}`);
  return answer.result;
}

/** An error with what its operator has to look at. */
async function withReason<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DrapeError)) throw error;
    throw new Error(`${error.code}: ${error.operatorMessage ?? error.message}`, { cause: error });
  }
}

function say(result: unknown, ...names: readonly string[]): string {
  const facts = result as Readonly<Record<string, unknown>>; // shown, not used
  return names.map((name) => `${name} ${String(facts[name])}`).join(", ");
}
