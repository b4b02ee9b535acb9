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
