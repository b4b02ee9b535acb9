import { z } from "zod";
import { hashOf } from "../preview/garment/cut-out-cache.ts";
import { answerWithout, type Answer } from "./answer.ts";
import { arkEvents } from "./ark-events.ts";
import { drawPicture, type ImagesState, publishPicture } from "./draw-picture.ts";
import {
  checkImagesRequest,
  imagesSchema,
  isRefusal,
  type ImagesRequest,
} from "./images-request.ts";
import { readReferenceImage, ReferenceImageError } from "./reference-image.ts";

/** The image model: Ark's request checked as documented, answered with a preview of the garment. */
export async function answerImages(
  body: unknown,
  origin: string,
  state: ImagesState,
): Promise<Answer> {
  const parsed = imagesSchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".") || "body";
    const missing = issue?.code === "invalid_type" && issue.message.endsWith("received undefined");
    const code = missing ? `MissingParameter.${field}` : `InvalidParameter.${field}`;
    return arkAnswer({ status: 400, code, message: z.prettifyError(parsed.error) });
  }
  const request = parsed.data;
  const sources = [request.image ?? []].flat();
  const noted = {
    model: request.model,
    promptExcerpt: request.prompt.slice(0, 300),
    imageCount: sources.length,
  };
  const size = checkImagesRequest(request);
  if (isRefusal(size)) return { ...arkAnswer(size), ...noted };
  try {
    const photos = await Promise.all(sources.map(readReferenceImage));
    const imageHashes = photos.map(hashOf);
    const picture = await drawPicture({ prompt: request.prompt, photos, ...size }, state);
    return {
      ...noted,
      imageHashes,
      ...delivered(request, picture, { origin, ...size }, state),
    };
  } catch (error) {
    const why = error instanceof ReferenceImageError ? error.message : "unreadable picture";
    const message = `The parameter \`image\` specified in the request is not valid: ${why}`;
    return {
      ...arkAnswer({ status: 400, code: "InvalidImageURL.InvalidFormat", message }),
      ...noted,
    };
  }
}

function delivered(
  request: ImagesRequest,
  picture: Uint8Array,
  { origin, width, height }: { origin: string; width: number; height: number },
  state: ImagesState,
): Pick<Answer, "status" | "body" | "events" | "headers"> {
  const size = `${width}x${height}`;
  const tokens = Math.ceil((width * height) / 256);
  const item =
    request.response_format === "url"
      ? { url: publishPicture(picture, origin, state), size }
      : { b64_json: Buffer.from(picture).toString("base64"), size };
  const body = {
    model: request.model,
    created: Math.floor(Date.now() / 1000),
    data: [item],
    usage: { generated_images: 1, output_tokens: tokens, total_tokens: tokens },
  };
  return {
    status: 200,
    headers: { "x-drape-provider": "preview" },
    body,
    ...(request.stream ? { events: arkEvents(body) } : {}),
  };
}

function arkAnswer(refusal: { status: number; code: string; message: string }): Answer {
  return answerWithout(refusal.status, arkError(refusal.code, refusal.message, "BadRequest"));
}

/** Ark's shape of an error. */
export function arkError(code: string, message: string, type: string) {
  return { error: { code, message, type } };
}
