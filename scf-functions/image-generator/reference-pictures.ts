import type { FunctionTools } from "../shared/define-function.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { FunctionStore } from "../shared/object-store.ts";
import { openPicture, PICTURE_TYPES, pictureError, readPictureHeader } from "../shared/picture.ts";

/** A garment photo in the form that every provider takes. */
export type ReferencePicture = { readonly contentType: string; readonly body: Buffer };

const SOURCE_BYTES_MAX = 20_000_000;
/** Ark takes JPEG and PNG up to 10 MB and 6000 px a side; smaller here, since up to 14 travel together. */
const SENT_BYTES_MAX = 4_000_000;
const SENT_SIDE_MAX = 6000;
/** What a reference is fitted into when it cannot go as it is. */
const FITTED_SIDE_MAX = 3000;
const FITTED_QUALITY = 90;

/** The reference objects, in the order of their keys. */
export async function readReferencePictures(
  store: FunctionStore,
  keys: readonly string[],
  tools: FunctionTools,
): Promise<ReferencePicture[]> {
  return Promise.all(keys.map((key) => readOne(store, key, tools)));
}

async function readOne(
  store: FunctionStore,
  key: string,
  tools: FunctionTools,
): Promise<ReferencePicture> {
  const object = await store.get(key, SOURCE_BYTES_MAX, tools.signal);
  if (object === null) {
    throw new FunctionError("IMAGE_SOURCE_UNREACHABLE", `There is no object ${key}.`);
  }
  const { body } = object;
  const naming = { name: key, timeoutMs: tools.remainingMs() };
  const { format, width, height } = await readPictureHeader(body, naming);
  const isAccepted =
    format !== "webp" &&
    !(await hasExif(body, naming.timeoutMs)) &&
    body.byteLength <= SENT_BYTES_MAX &&
    Math.max(width, height) <= SENT_SIDE_MAX;
  if (isAccepted) return { contentType: PICTURE_TYPES[format].contentType, body };
  try {
    const fitted = await openPicture(body, naming.timeoutMs)
      .autoOrient()
      .resize(FITTED_SIDE_MAX, FITTED_SIDE_MAX, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: "#ffffff" })
      .jpeg({ quality: FITTED_QUALITY })
      .toBuffer();
    return { contentType: "image/jpeg", body: fitted };
  } catch (error) {
    throw pictureError(error, key);
  }
}

/** A phone's photo may lie on its side until EXIF turns it, and may tell where it was taken. */
async function hasExif(body: Buffer, timeoutMs: number): Promise<boolean> {
  return (await openPicture(body, timeoutMs).metadata()).exif !== undefined;
}

/** As JSON can carry it. */
export const asDataUri = ({ contentType, body }: ReferencePicture): string =>
  `data:${contentType};base64,${body.toString("base64")}`;
