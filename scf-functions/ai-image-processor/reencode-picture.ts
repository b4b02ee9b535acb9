import sharp, { type Sharp } from "sharp";
import type { z } from "zod";
import type { ImageFormat } from "../../core/contracts/function-answer.ts";
import type { operationsSchema } from "../../core/contracts/image-processor.ts";
import { FunctionError } from "../function-error.ts";
import { openPicture, pictureError, type PictureFacts, readPictureHeader } from "../picture.ts";

type Operations = z.output<typeof operationsSchema>;
type Work = { readonly name: string; readonly timeoutMs: number };
export type EncodedPicture = PictureFacts & { readonly body: Buffer };

/** Plain JPEG, since mozjpeg costs twice the CPU for a sixth of the bytes; WebP effort 4, since 6 doubles it too. */
const DEFAULT_QUALITY = { jpeg: 90, png: 100, webp: 82 } as const satisfies Record<
  ImageFormat,
  number
>;
const WEBP_EFFORT = 4;
const QUALITY_FLOOR = 40;
const QUALITY_STEPS_MAX = 5;
/** The largest side that the contract lets one ask for; no result is longer. */
const SIDE_MAX = 8192;
const WHITE = "#ffffff";

/**
 * One pipeline: turn as EXIF says, resize, flatten on white for JPEG, sRGB, no metadata, encode. With
 * `targetBytes` the quality is lowered by binary search, never below 40: at 40 the file may still be larger.
 * PNG has no quality and ignores both. Throws IMAGE_* failures that name the picture.
 */
export async function reencodePicture(
  bytes: Buffer,
  operations: Operations,
  work: Work,
): Promise<EncodedPicture> {
  const header = await readPictureHeader(bytes, work);
  refuseHugeResult(header, operations);
  const { format } = operations;
  const quality = operations.quality ?? DEFAULT_QUALITY[format];
  try {
    const image = shape(openPicture(bytes, work.timeoutMs), operations);
    if (operations.targetBytes === undefined || format === "png") {
      return await encode(image, format, quality);
    }
    // Decoded and resized once; only the encoding is repeated.
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const raw = { width, height, channels };
    const encodeAt = (q: number) =>
      encode(sharp(data, { raw, limitInputPixels: SIDE_MAX * SIDE_MAX }), format, q);
    return await searchQuality(encodeAt, quality, operations.targetBytes);
  } catch (error) {
    throw pictureError(error, work.name);
  }
}

function shape(image: Sharp, operations: Operations): Sharp {
  let shaped = operations.autoOrient ? image.autoOrient() : image;
  const { resize } = operations;
  if (resize !== undefined && (resize.width !== undefined || resize.height !== undefined)) {
    shaped = shaped.resize({
      ...(resize.width === undefined ? {} : { width: resize.width }),
      ...(resize.height === undefined ? {} : { height: resize.height }),
      fit: resize.mode === "fit" ? "inside" : resize.mode,
      withoutEnlargement: !resize.enlarge,
      background: WHITE,
    });
  }
  if (operations.format === "jpeg") shaped = shaped.flatten({ background: WHITE });
  return shaped.toColourspace("srgb");
}

async function encode(image: Sharp, format: ImageFormat, quality: number): Promise<EncodedPicture> {
  const encoded =
    format === "jpeg"
      ? image.jpeg({ quality })
      : format === "webp"
        ? image.webp({ quality, effort: WEBP_EFFORT })
        : image.png();
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  return { body: data, format, width: info.width, height: info.height };
}

/** The best quality between the floor and `highest` whose file fits, in at most 2 + 5 encodings. */
async function searchQuality(
  encodeAt: (quality: number) => Promise<EncodedPicture>,
  highest: number,
  bytesMax: number,
): Promise<EncodedPicture> {
  const wanted = await encodeAt(highest);
  if (wanted.body.byteLength <= bytesMax || highest <= QUALITY_FLOOR) return wanted;
  let best = await encodeAt(QUALITY_FLOOR);
  if (best.body.byteLength > bytesMax) return best;
  let low = QUALITY_FLOOR + 1;
  let high = highest - 1;
  for (let step = 0; step < QUALITY_STEPS_MAX && low <= high; step += 1) {
    const middle = Math.floor((low + high) / 2);
    const tried = await encodeAt(middle);
    if (tried.body.byteLength <= bytesMax) {
      best = tried;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return best;
}

/**
 * A small picture with an extreme ratio can be asked to grow without bound (`outside`, or one side only):
 * refused before any pixel is made.
 */
function refuseHugeResult(header: PictureFacts, operations: Operations): void {
  const { resize } = operations;
  if (resize === undefined || !resize.enlarge) return;
  const scales = [(resize.width ?? 0) / header.width, (resize.height ?? 0) / header.height].filter(
    (scale) => scale > 0,
  );
  const isBounded = scales.length === 2 && resize.mode !== "outside";
  if (scales.length === 0 || isBounded) return;
  const longest = Math.max(header.width, header.height) * Math.max(...scales);
  if (longest > SIDE_MAX) {
    throw new FunctionError(
      "EVENT_INVALID",
      `The event is invalid at /operations/resize: the result would be longer than ${SIDE_MAX} pixels.`,
    );
  }
}
