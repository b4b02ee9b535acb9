import type { Metadata } from "sharp";
import { referenceFault } from "../../core/function-schemas/seedream-models.ts";
import type { FunctionTools } from "../shared/define-function.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { openPicture, PICTURE_TYPES, pictureError, readPictureHeader } from "../shared/picture.ts";
import { isSrgbProfile } from "./srgb-profile.ts";

/** A garment photo in the form that every provider takes. */
export type ReferencePicture = { readonly contentType: string; readonly body: Buffer };

const SOURCE_BYTES_MAX = 20_000_000;
/** Ark takes JPEG and PNG up to 10 MB and 6000 px a side; smaller here, since up to 14 travel together. */
const SENT_BYTES_MAX = 4_000_000;
const SENT_SIDE_MAX = 6000;
/** What a reference is fitted into when it cannot go as it is. */
const FITTED_SIDE_MAX = 3000;
const FITTED_QUALITY = 90;

/**
 * The reference objects, in the order of their keys: sRGB of 8 bit, opaque, upright, without EXIF. What is so already
 * goes unchanged. Throws IMAGE_OPERATION_INVALID, naming the picture by its number, for a size that no model takes.
 */
export async function readReferencePictures(
  store: FunctionStore,
  keys: readonly string[],
  tools: FunctionTools,
): Promise<ReferencePicture[]> {
  return Promise.all(keys.map((key, at) => readOne(store, { key, number: at + 1 }, tools)));
}

type Reference = { readonly key: string; readonly number: number };

async function readOne(
  store: FunctionStore,
  { key, number }: Reference,
  tools: FunctionTools,
): Promise<ReferencePicture> {
  const object = await store.get(key, SOURCE_BYTES_MAX, tools.signal);
  if (object === null) {
    throw new FunctionError("IMAGE_SOURCE_UNREACHABLE", `There is no object ${key}.`);
  }
  const { body } = object;
  const naming = { name: key, timeoutMs: tools.remainingMs() };
  const { format, width, height } = await readPictureHeader(body, naming);
  const fault = referenceFault({ width, height });
  if (fault !== null) {
    const message = `Photo ${number} cannot be a reference for the image model: ${fault}.`;
    throw new FunctionError("IMAGE_OPERATION_INVALID", message);
  }
  const isAccepted =
    format !== "webp" &&
    body.byteLength <= SENT_BYTES_MAX &&
    Math.max(width, height) <= SENT_SIDE_MAX &&
    isPlain(await openPicture(body, naming.timeoutMs).metadata());
  if (isAccepted) return { contentType: PICTURE_TYPES[format].contentType, body };
  try {
    // What comes out is sRGB of 8 bit: the picture's own profile is applied, and left behind with the rest.
    const fitted = await openPicture(body, naming.timeoutMs)
      .autoOrient()
      .resize(FITTED_SIDE_MAX, FITTED_SIDE_MAX, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .jpeg({ quality: FITTED_QUALITY })
      .toBuffer();
    return { contentType: "image/jpeg", body: fitted };
  } catch (error) {
    throw pictureError(error, key);
  }
}

/**
 * Whether a model sees what a person sees: ink, wide colours, deep or see-through pixels it may take for others. A
 * phone's photo may lie on its side until EXIF turns it, and may tell where it was taken.
 */
function isPlain({ space, depth, hasAlpha, exif, icc }: Metadata): boolean {
  const isOpaqueSrgb = space === "srgb" && depth === "uchar" && !hasAlpha;
  return isOpaqueSrgb && exif === undefined && (icc === undefined || isSrgbProfile(icc));
}

/** As JSON can carry it. */
export const asDataUri = ({ contentType, body }: ReferencePicture): string =>
  `data:${contentType};base64,${body.toString("base64")}`;
