import type { Check } from "./check-table.ts";
import type { ApiParts } from "./api-parts.ts";

const OPTIONS = { size: "1024x1024", quality: "standard", n: 1 };
const PATHS = "/api/v1/ai-generation";

/** One task of each type to its end, by the four routes of the original contract; then list, events and cancel. */
export function taskChecks(parts: ApiParts, photo: { readonly url: string }): Check[] {
  const style = { stylePreference: "casual", sceneType: "street" };
  return [
    task(parts, "POST /api/ai-image/preprocess", "/api/ai-image/preprocess", () => ({
      images: [photo.url],
      options: {
        compress: true,
        resize: { width: 512, height: 512, mode: "fit" },
        format: "webp",
        quality: 80,
      },
    })),
    task(parts, "POST /api/ai-image/generate-prompt", "/api/ai-image/generate-prompt", () => ({
      imageUrl: photo.url,
      clothingType: "dress",
      ...style,
    })),
    task(parts, "POST /api/ai-image/generate-only", "/api/ai-image/generate-only", () => ({
      prompt: "一条红色连衣裙，模特自然站立，街头，柔和光线",
      options: OPTIONS,
      modelConfig: { model: "doubao-Seedream-4-0-250828" },
    })),
    task(parts, "POST /api/ai-image/generate", "/api/ai-image/generate", () => ({
      clothingImages: [photo.url],
      ...style,
      options: OPTIONS,
    })),
    cancelCheck(parts, photo),
  ];
}

function task({ client }: ApiParts, name: string, path: string, body: () => unknown): Check {
  return {
    name,
    async run() {
      const answer = await client.raw("POST", path, body());
      const created = (await answer.json()) as { id: string; detail?: string }; // our API's answer
      if (answer.status !== 202) throw new Error(`HTTP ${answer.status}: ${created.detail}`);
      let events = 0;
      for await (const _ of client.follow(created.id)) events += 1;
      const { status, cost, error } = await client.readTask(created.id);
      if (status !== "succeeded") throw new Error(`${status}: ${error?.code} ${error?.message}`);
      return `${status}, ${cost.charged} credits, ${events} events`;
    },
  };
}

function cancelCheck({ client }: ApiParts, photo: { readonly url: string }): Check {
  return {
    name: `create, then DELETE ${PATHS}/tasks/:id`,
    async run() {
      const key = { headers: { "idempotency-key": `check-${Date.now()}` } };
      const body = {
        type: "FULL_GENERATION",
        input: {
          clothingImages: [photo.url],
          sceneType: "studio",
          stylePreference: "casual",
          options: OPTIONS,
        },
      };
      const first = await client.raw("POST", `${PATHS}/create`, body, key);
      const again = await client.raw("POST", `${PATHS}/create`, body, key);
      const [one, two] = [await first.text(), await again.text()];
      if (first.status !== 202 || one !== two)
        throw new Error(`HTTP ${first.status}, ${again.status}`);
      const { id } = JSON.parse(one) as { id: string }; // our API's answer
      await client.cancelTask(id);
      const { status, cost } = await client.readTask(id);
      if (status !== "canceled" && status !== "succeeded") throw new Error(status);
      return `the same answer to the same key; ${status}, ${cost.charged} credits`;
    },
  };
}
