import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";

export type Photo = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: "image/jpeg" | "image/png" | "image/webp";
};

const PHOTOS_MAX = 10;
const PHOTO_NAME = /\.(?:jpe?g|png|webp)$/i;

/**
 * The photos of files and folders, in order. Throws an Error that says which path is at fault and why: missing, no
 * picture, a folder without photos, more than ten.
 */
export async function collectPhotos(paths: readonly string[]): Promise<Photo[]> {
  const files: string[] = [];
  for (const path of paths) files.push(...(await filesOf(path)));
  if (files.length > PHOTOS_MAX) {
    throw new Error(`One task takes ${PHOTOS_MAX} photos at most; these are ${files.length}.`);
  }
  return Promise.all(files.map(readPhoto));
}

async function filesOf(path: string): Promise<string[]> {
  const facts = await stat(path).catch(() => null);
  if (facts === null) throw new Error(`There is no file or folder "${path}".`);
  if (!facts.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => PHOTO_NAME.test(name)).sort();
  if (names.length === 0) {
    throw new Error(`The folder "${path}" has no photos (.jpg, .jpeg, .png or .webp).`);
  }
  return names.map((name) => join(path, name));
}

async function readPhoto(path: string): Promise<Photo> {
  const bytes = new Uint8Array(
    await readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`"${path}" cannot be read (${error.code ?? error.message}).`);
    }),
  );
  const contentType = sniff(bytes);
  if (contentType === null) {
    throw new Error(`"${path}" is no picture that Drape reads: it takes JPEG, PNG and WebP.`);
  }
  return { name: basename(path), bytes, contentType };
}

/** By content, never by name. */
function sniff(bytes: Uint8Array): Photo["contentType"] | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  return null;
}
