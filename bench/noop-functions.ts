import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FunctionName } from "../core/model/functions.ts";

/** Answers of the three contracts without any work: what is left of a task's time is the pipeline's own. */
const SOURCES: Record<FunctionName, string> = {
  "ai-image-processor": `
    const picture = { width: 64, height: 64, bytes: 900, format: "jpeg", sourceBytes: 900 };
    exports.main_handler = async (event) => ({
      ok: true, result: { key: event.to ?? event.toPrefix + "noop.jpg", ...picture },
    });`,
  "prompt-generator": `
    exports.main_handler = async () => ({
      ok: true,
      result: {
        garment: { type: "dress", colors: ["red"], pattern: "plain" },
        promptZh: "红色连衣裙，摄影棚，优雅风格，柔和光线",
        promptEn: "A red dress in a studio, elegant, soft light.",
        model: "no-op", usage: { promptTokens: 1, completionTokens: 1 },
      },
    });`,
  "image-generator": `
    const picture = { width: 64, height: 64, bytes: 900, format: "jpeg", provider: "no-op" };
    exports.main_handler = async (event) => ({
      ok: true,
      result: {
        images: event.images.map((image) => ({ ok: true, ...image, ...picture })),
        usage: { generatedImages: event.images.length, outputTokens: 0 },
      },
    });`,
};

/** Writes the bundles the way that a build lays them out; gives the folder. */
export async function writeNoopFunctions(folder: string): Promise<string> {
  for (const [name, source] of Object.entries(SOURCES)) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "package.json"), '{"type":"commonjs"}');
    await writeFile(join(folder, name, "index.js"), source);
  }
  return folder;
}
