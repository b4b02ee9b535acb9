import { z } from "zod";
import { hashOf } from "../preview/garment/cut-out-cache.ts";
import { answerWithout, type Answer } from "./answer.ts";
import { chatError } from "./chat-route.ts";
import { drawPicture, type ImagesState } from "./draw-picture.ts";

const SIZES: readonly string[] = ["1024x1024", "1536x1024", "1024x1536"];
const REFERENCES_MAX = 16;
const PHOTO_BYTES_MAX = 25_000_000;

const fieldsSchema = z.object({
  model: z.string().min(1),
  prompt: z.string().min(1).max(32_000),
  n: z.coerce.number().int().min(1).max(10).default(1),
  size: z.string().default("1024x1024"),
  output_format: z.enum(["png", "jpeg", "webp"]).default("png"),
  // GPT image models refuse it: they always answer base64.
  response_format: z.undefined({ error: "Unknown parameter: 'response_format'." }).optional(),
});

/** OpenAI's image model, `/images/generations` (JSON) and `/images/edits` (multipart with files), as a preview. */
export async function answerOpenAiImages(body: unknown, state: ImagesState): Promise<Answer> {
  const { fields, files } = body instanceof FormData ? partsOf(body) : { fields: body, files: [] };
  const parsed = fieldsSchema.safeParse(fields);
  if (!parsed.success) return refused(z.prettifyError(parsed.error), "invalid_value");
  const { model, prompt, n, size } = parsed.data;
  const noted = { model, promptExcerpt: prompt.slice(0, 300), imageCount: files.length };
  const why = whyNot(parsed.data.size, files, body instanceof FormData);
  if (why !== null) return { ...refused(why, "invalid_value"), ...noted };
  const [width = 0, height = 0] = size.split("x").map(Number);
  try {
    const photos = await Promise.all(
      files.map(async (file) => new Uint8Array(await file.arrayBuffer())),
    );
    const data: object[] = [];
    for (let at = 0; at < n; at += 1) {
      const picture = await drawPicture({ prompt, photos, width, height }, state);
      data.push({ b64_json: Buffer.from(picture).toString("base64") });
    }
    const tokens = { input_tokens: Math.ceil(prompt.length / 3), output_tokens: 272 * n };
    const total_tokens = tokens.input_tokens + tokens.output_tokens;
    const usage = { ...tokens, total_tokens };
    return {
      ...noted,
      imageHashes: photos.map(hashOf),
      status: 200,
      headers: { "x-drape-provider": "preview" },
      body: { created: Math.floor(Date.now() / 1000), data, usage },
    };
  } catch {
    return { ...refused("The image cannot be read.", "invalid_image_file"), ...noted };
  }
}

function partsOf(form: FormData): { fields: unknown; files: File[] } {
  const entries = [...form.entries()];
  return {
    fields: Object.fromEntries(entries.filter(([, value]) => typeof value === "string")),
    files: entries.flatMap(([name, value]) =>
      typeof value !== "string" && /^image(\[\])?$/.test(name) ? [value] : [],
    ),
  };
}

function whyNot(size: string, files: readonly File[], isEdit: boolean): string | null {
  if (!SIZES.includes(size)) return `Invalid value: '${size}'. Supported: ${SIZES.join(", ")}.`;
  if (isEdit && files.length === 0) return "Missing required parameter: 'image'.";
  if (files.length > REFERENCES_MAX) return `At most ${REFERENCES_MAX} images are supported.`;
  if (files.some((file) => !/^image\/(png|jpeg|webp)$/.test(file.type))) {
    return "Unsupported file type: image/png, image/jpeg and image/webp are supported.";
  }
  return files.some((file) => file.size > PHOTO_BYTES_MAX) ? "The image is too large." : null;
}

function refused(message: string, code: string): Answer {
  return answerWithout(400, chatError(message, "invalid_request_error", code));
}
