import type { ImageGeneratorResult } from "../function-schemas/image-generator.ts";
import type { PromptGeneratorResult } from "../function-schemas/prompt-generator.ts";
import type { FunctionName } from "./functions.ts";

/** What calls of one function used; every figure is a sum. */
export type Usage = {
  readonly function: FunctionName;
  /** Whose pictures or tokens these are; "" for what the function itself used. */
  readonly provider: string;
  readonly calls: number;
  /** The function's memory in MB times the milliseconds that the platform bills. */
  readonly megabyteMs: number;
  readonly images: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Stored by the function. */
  readonly bytes: number;
};

type UsageFigures = Omit<Usage, "function" | "provider">;

/** Told by the invoker what the calls of one attempt come to. */
export interface Meter {
  /** A call goes out; what it used is not known when its answer never comes. */
  sent(name: FunctionName): void;
  /** The platform bills it, whether it did its work or failed. */
  billed(name: FunctionName, megabyteMs: number): void;
  answered(name: FunctionName, result: unknown): void;
}

/** Sums up in memory. */
export function createUsageMeter(): Meter & { read(): readonly Usage[] } {
  const sums = new Map<string, Usage>();
  const add = (name: FunctionName, provider: string, more: Partial<UsageFigures>) => {
    const key = `${name} ${provider}`;
    const sum = sums.get(key) ?? { ...NOTHING, function: name, provider };
    sums.set(key, { ...sum, ...addUp(sum, more) });
  };
  return {
    sent: (name) => add(name, "", { calls: 1 }),
    billed: (name, megabyteMs) => add(name, "", { megabyteMs }),
    answered(name, result) {
      const { provider, ...used } = usedBy(name, result);
      add(name, provider, used);
    },
    read: () => [...sums.values()],
  };
}

const NOTHING: UsageFigures = {
  calls: 0,
  megabyteMs: 0,
  images: 0,
  inputTokens: 0,
  outputTokens: 0,
  bytes: 0,
};

function addUp(sum: UsageFigures, more: Partial<UsageFigures>): UsageFigures {
  return {
    calls: sum.calls + (more.calls ?? 0),
    megabyteMs: sum.megabyteMs + (more.megabyteMs ?? 0),
    images: sum.images + (more.images ?? 0),
    inputTokens: sum.inputTokens + (more.inputTokens ?? 0),
    outputTokens: sum.outputTokens + (more.outputTokens ?? 0),
    bytes: sum.bytes + (more.bytes ?? 0),
  };
}

type Used = Partial<UsageFigures> & { readonly provider: string };

/** Of results parsed by the catalogue's schema before. */
function usedBy(name: FunctionName, result: unknown): Used {
  switch (name) {
    case "image-generator": {
      const { images, usage } = result as ImageGeneratorResult;
      const made = images.filter((image) => image.ok);
      // Pictures that were there already were paid for by an earlier call: the provider's own count tells them apart.
      const bytes = usage.generatedImages === 0 ? 0 : sumOf(made.map((image) => image.bytes));
      const { generatedImages, outputTokens } = usage;
      return { provider: made[0]?.provider ?? "", images: generatedImages, outputTokens, bytes };
    }
    case "prompt-generator": {
      const { model, usage } = result as PromptGeneratorResult;
      const { promptTokens, completionTokens } = usage;
      return { provider: model, inputTokens: promptTokens, outputTokens: completionTokens };
    }
    case "ai-image-processor":
      return { provider: "", bytes: bytesOf(result) };
    default:
      return name satisfies never;
  }
}

type Processed = {
  readonly bytes?: number;
  readonly items?: readonly {
    readonly image?: { readonly bytes: number };
    readonly variants?: readonly { readonly bytes: number }[];
  }[];
};

/** One picture, or several with their copies. */
function bytesOf(result: unknown): number {
  const { bytes, items = [] } = result as Processed;
  const ofItems = items.flatMap(({ image, variants = [] }) => [image, ...variants]);
  return (bytes ?? 0) + sumOf(ofItems.map((picture) => picture?.bytes ?? 0));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
