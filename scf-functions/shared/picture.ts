import sharp, { type Sharp } from "sharp";
import type { ImageFormat } from "../../core/function-schemas/function-answer.ts";
import type { OutputFormat } from "../../core/function-schemas/image-operations.ts";
import { IMAGE_LIMITS } from "../../core/function-schemas/image-processor.ts";
import { FunctionError, FunctionFault } from "./function-error.ts";
import { mendPicture, withoutTexts } from "./mend-picture.ts";
import { refuseCostly, refuseHuge } from "./picture-limits.ts";

export type PictureFacts = {
  readonly format: ImageFormat;
  /** After the turn that EXIF asks for. */
  readonly width: number;
  readonly height: number;
};

type Naming = {
  /** How the message calls the picture: a URL as the customer gave it, or a key. */
  readonly name: string;
  /** For decoding. */
  readonly timeoutMs: number;
  /** For what we wrote ourselves, instead of the limits for pictures from outside. */
  readonly pixelsMax?: number;
};

export const PICTURE_TYPES = {
  jpeg: { extension: "jpg", contentType: "image/jpeg" },
  png: { extension: "png", contentType: "image/png" },
  webp: { extension: "webp", contentType: "image/webp" },
  avif: { extension: "avif", contentType: "image/avif" },
} as const satisfies Record<OutputFormat, { extension: string; contentType: string }>;

/** The format that the first bytes show, or null: names and headers say nothing. */
function sniffFormat(bytes: Buffer): ImageFormat | null {
  const starts = (hex: string, at = 0) =>
    bytes.subarray(at, at + hex.length / 2).equals(Buffer.from(hex, "hex"));
  if (starts("ffd8ff")) return "jpeg";
  if (starts("89504e470d0a1a0a")) return "png";
  // "RIFF", four bytes of length, "WEBP"
  if (starts("52494646") && starts("57454250", 8)) return "webp";
  return null;
}

/**
 * A sharp pipeline over bytes whose header was found good before (`readPictureHeader`): first page only, bounded pixels
 * and bounded time, and nothing but JPEG, PNG, WebP and our own AVIF, since libvips reads much more. `failOn: "error"`
 * refuses every truncated file that we tried and lets the harmless warnings of camera software pass; where the end of a
 * JPEG had to be added, "warning" is what tells missing pixels.
 */
export function openPicture(
  bytes: Buffer,
  timeoutMs: number,
  pixelsMax: number = IMAGE_LIMITS.sourcePixelsMax,
): Sharp {
  const format = sniffFormat(bytes);
  if (format === null && !isAvif(bytes)) throw new Error("not a picture that is read here");
  const whole = format === null ? bytes : mendPicture(bytes, format);
  const readable = format === null ? bytes : withoutTexts(whole, format);
  // Process-wide, and the same for every picture: one thread each, nothing kept (each source is read once).
  sharp.concurrency(1);
  sharp.cache(false);
  const opened = sharp(readable, {
    failOn: format === "jpeg" && whole !== bytes ? "warning" : "error",
    limitInputPixels: pixelsMax,
    pages: 1,
  });
  // Before anything else: backgrounds and layers mean colours, and grey pictures have none.
  return opened
    .pipelineColourspace("srgb")
    .timeout({ seconds: Math.min(3600, Math.max(1, Math.ceil(timeoutMs / 1000))) });
}

/**
 * Proves that the bytes are one whole JPEG, PNG or WebP picture within the limits: magic bytes, then the
 * header, then a decode of every row (shrunk on load, so it is cheap). Throws IMAGE_UNREADABLE or
 * IMAGE_TOO_LARGE, naming the picture.
 */
export async function inspectPicture(bytes: Buffer, naming: Naming): Promise<PictureFacts> {
  const facts = await readPictureHeader(bytes, naming);
  try {
    await openPicture(bytes, naming.timeoutMs).resize(64, 64, { fit: "inside" }).raw().toBuffer();
  } catch (error) {
    throw pictureError(error, naming.name);
  }
  return facts;
}

/** Format and size from the header alone, and the limits of `picture-limits.ts`. */
export async function readPictureHeader(bytes: Buffer, naming: Naming): Promise<PictureFacts> {
  const { name, pixelsMax } = naming;
  const format = sniffFormat(bytes);
  if (format === null) {
    throw new FunctionError("IMAGE_UNREADABLE", `${name} is not a JPEG, PNG or WebP picture.`);
  }
  if (pixelsMax === undefined) refuseCostly(bytes, format, name);
  try {
    const metadata = await openPicture(bytes, naming.timeoutMs, pixelsMax).metadata();
    if (metadata.format !== format) throw new Error("the header contradicts the first bytes");
    if ((metadata.pages ?? 1) > 1) {
      throw new FunctionError("IMAGE_UNREADABLE", `${name} is an animation, not a picture.`);
    }
    const { width, height } = metadata.autoOrient;
    if (pixelsMax === undefined) refuseHuge({ width, height }, name);
    return { format, width, height };
  } catch (error) {
    throw pictureError(error, name);
  }
}

// Four bytes of length, then the box that names the brand.
const isAvif = (bytes: Buffer) => bytes.toString("latin1", 4, 12) === "ftypavif";

/** The same for objects that we wrote ourselves, which may be AVIF too. */
export async function readResultHeader(
  bytes: Buffer,
  naming: Naming,
): Promise<Omit<PictureFacts, "format"> & { readonly format: OutputFormat }> {
  if (!isAvif(bytes)) return readPictureHeader(bytes, naming);
  try {
    const metadata = await openPicture(bytes, naming.timeoutMs, naming.pixelsMax).metadata();
    const { width, height } = metadata.autoOrient;
    return { format: "avif", width, height };
  } catch (error) {
    throw pictureError(error, naming.name);
  }
}

/** What sharp threw, in the contract's words; sharp has only texts to tell its errors apart. A fault of ours is thrown on. */
export function pictureError(error: unknown, name: string): FunctionError {
  if (error instanceof FunctionError) return error;
  if (error instanceof FunctionFault) throw error;
  const text = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(text)) {
    const limit = IMAGE_LIMITS.sourcePixelsMax / 1_000_000;
    return new FunctionError("IMAGE_TOO_LARGE", `${name} has more than ${limit} megapixels.`);
  }
  if (/timeout/i.test(text)) {
    // The machine was slow, not the picture bad: worth another try, so not an IMAGE_ code.
    return new FunctionError("FUNCTION_TIMEOUT", `${name} took too long to be worked on.`);
  }
  return new FunctionError("IMAGE_UNREADABLE", `${name} is damaged and cannot be read.`);
}
