import type { ImageEvent } from "./image-provider.ts";
import type { ReferencePicture } from "./reference-pictures.ts";

export type OpenAiRequest = {
  /** After the base URL. */
  readonly path: "/images/generations" | "/images/edits";
  readonly body: Buffer;
  readonly contentType: string;
};

/** Every GPT image model makes these; others it may refuse. Width to height, the widest last. */
const OPENAI_SIZES = ["1024x1536", "1024x1024", "1536x1024"] as const;

/**
 * The request for exactly one picture: with references an edit, which takes up to 16 files
 * (an event has 14 at most). `response_format` is not
 * said: GPT image models refuse it and always answer base64, what else speaks this wire answers either.
 */
export async function openAiRequest(
  event: ImageEvent,
  model: string,
  references: readonly ReferencePicture[],
): Promise<OpenAiRequest> {
  const fields = {
    model,
    prompt: event.prompt,
    size: openAiSize(event.size),
    // JPEG is a tenth of PNG's base64, and the delivery is JPEG anyway.
    output_format: event.outputFormat ?? "jpeg",
  };
  if (references.length === 0) {
    const body = Buffer.from(JSON.stringify({ ...fields, n: 1 }));
    return { path: "/images/generations", body, contentType: "application/json" };
  }
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, n: "1" })) form.append(name, value);
  for (const [at, { contentType, body }] of references.entries()) {
    const file = new Blob([new Uint8Array(body)], { type: contentType });
    form.append("image[]", file, `garment-${at}.${contentType === "image/png" ? "png" : "jpg"}`);
  }
  const encoded = new Response(form);
  // Read before the body: one of the runtimes forgets the boundary with it.
  const contentType = encoded.headers.get("content-type") ?? "";
  const body = Buffer.from(await encoded.arrayBuffer());
  return { path: "/images/edits", body, contentType };
}

/** The size of the same shape, as near as there is one; the delivery is brought to the size that was asked for. */
export function openAiSize(size: string): string {
  const [width = 1, height = 1] = size.split("x").map(Number);
  // A tier such as "2K" is square, and no number.
  const wanted = Number.isFinite(width / height) ? Math.log(width / height) : 0;
  const distance = (candidate: string) => {
    const [w = 1, h = 1] = candidate.split("x").map(Number);
    return Math.abs(Math.log(w / h) - wanted);
  };
  return OPENAI_SIZES.reduce((best, next) => (distance(next) < distance(best) ? next : best));
}

/** What of the event is not sent. */
export function openAiNotes(event: ImageEvent, model: string): string[] {
  const notes: string[] = [];
  const size = openAiSize(event.size);
  if (size !== event.size) notes.push(`size: ${model} was asked for ${size}`);
  if (event.seed !== undefined) notes.push(`seed: ${model} takes none, so none was sent`);
  if (event.optimizeMode === "fast") notes.push(`optimizeMode: ${model} does not know "fast"`);
  return notes;
}
