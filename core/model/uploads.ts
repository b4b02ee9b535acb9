import { DrapeError } from "./errors.ts";

/** The kinds of picture that a customer may hand us. */
export const UPLOAD_TYPES = ["image/jpeg", "image/png", "image/webp"] as const;
export type UploadType = (typeof UPLOAD_TYPES)[number];

const EXTENSIONS: Record<UploadType, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
};

/** Where a customer's own picture is kept. */
export function uploadKey(userId: string, name: string, contentType: UploadType): string {
  return `u/${userId}/up/${name}.${EXTENSIONS[contentType]}`;
}

export type DataUri = { readonly contentType: UploadType; readonly base64: string };

export function isDataUri(address: string): boolean {
  return /^data:/i.test(address);
}

/** The parts of a `data:` URI; null for another address. Throws IMAGE_UNREADABLE for one that is no picture's. */
export function parseDataUri(address: string): DataUri | null {
  if (!isDataUri(address)) return null;
  const match = /^data:(image\/(?:jpeg|png|webp));base64,([A-Za-z0-9+/]+={0,2})$/.exec(address);
  if (match === null) {
    throw new DrapeError(
      "IMAGE_UNREADABLE",
      "A data: URI must be data:image/jpeg, image/png or image/webp, in base64.",
    );
  }
  const contentType = match[1] as UploadType; // one of the three by the expression above
  return { contentType, base64: match[2] ?? "" };
}
