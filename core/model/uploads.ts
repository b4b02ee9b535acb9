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

/** What browsers, phones and old software call the same three. */
const OTHER_NAMES: Readonly<Record<string, UploadType>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
};

/** The kind that a content type means, in any case and with any parameters; null for another one. */
export function uploadTypeOf(contentType: string): UploadType | null {
  const [essence = ""] = contentType.split(";");
  const name = essence.trim().toLowerCase();
  return UPLOAD_TYPES.find((type) => type === name) ?? OTHER_NAMES[name] ?? null;
}

/** The parts of a `data:` URI; null for another address. Throws IMAGE_UNREADABLE for one that is no picture's. */
export function parseDataUri(address: string): DataUri | null {
  if (!isDataUri(address)) return null;
  const match = /^data:([^,]{0,200});\s*base64\s*,([A-Za-z0-9+/]+={0,2})$/i.exec(address);
  const contentType = uploadTypeOf(match?.[1] ?? "");
  if (contentType === null) {
    throw new DrapeError(
      "IMAGE_UNREADABLE",
      "A data: URI must be data:image/jpeg, image/png or image/webp, in base64.",
    );
  }
  return { contentType, base64: match?.[2] ?? "" };
}
