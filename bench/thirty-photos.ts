import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { DemoClient } from "../local/demo/demo-client.ts";
import { openJourney } from "../tests/journey.ts";

const USAGE = "bun bench/thirty-photos.ts --photos FOLDER";

const taskSchema = z.object({
  status: z.string(),
  result: z
    .object({
      processed: z
        .array(
          z.object({
            width: z.number(),
            height: z.number(),
            bytes: z.number(),
            bytesSaved: z.number(),
          }),
        )
        .nullable(),
      prompt: z.object({ zh: z.string(), en: z.string() }).nullable(),
    })
    .nullable(),
});

/** Every photo of a folder through PREPROCESS_ONLY (webp, fit 1024) and PROMPT_ONLY, over HTTP; prints what came of it. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { photos: { type: "string" } } });
  if (values.photos === undefined) throw new Error(USAGE);
  const names = readdirSync(values.photos)
    .filter((name) => /\.jpe?g$/i.test(name))
    .sort();
  const journey = await openJourney({ plainPictures: false });
  try {
    const client = await journey.customer(1_000);
    const done = { processed: 0, prompts: 0, bytesBefore: 0, bytesSaved: 0 };
    const prompts: string[] = [];
    for (const name of names) {
      const bytes = new Uint8Array(readFileSync(join(values.photos, name)));
      const photo = await client.upload({ name, bytes, contentType: "image/jpeg" });
      const processed = await finished(client, "/api/ai-image/preprocess", {
        images: [photo],
        options: {
          compress: true,
          resize: { width: 1024, height: 1024, mode: "fit" },
          format: "webp",
        },
      });
      const [one] = processed.result?.processed ?? [];
      if (processed.status === "succeeded" && one !== undefined) {
        done.processed += 1;
        done.bytesBefore += bytes.byteLength;
        done.bytesSaved += one.bytesSaved;
      }
      const prompt = await finished(client, "/api/ai-image/generate-prompt", {
        imageUrl: photo,
        clothingType: name.replace(/-\d+\.jpe?g$/i, ""),
        stylePreference: "elegant",
        sceneType: "street",
      });
      const written = prompt.result?.prompt?.zh ?? "";
      if (prompt.status === "succeeded" && written !== "") {
        done.prompts += 1;
        prompts.push(`${name}: ${written}`);
      }
    }
    process.stdout.write(`${JSON.stringify({ photos: names.length, ...done })}\n`);
    for (const line of prompts.filter((_, index) => index % 6 === 0))
      process.stdout.write(`${line}\n`);
    process.stdout.write(`broken: ${JSON.stringify(await journey.broken())}\n`);
  } finally {
    await journey.close();
  }
}

async function finished(client: DemoClient, path: string, body: unknown) {
  const answer = await client.raw("POST", path, body, { headers: { prefer: "wait=55" } });
  return taskSchema.parse(await answer.json());
}

await main();
process.exit(0);
