import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { CODE_BYTES_MAX, ZIP_BYTES_MAX } from "./scf-limits.ts";
import type { StatusReason } from "./pending-change.ts";

/**
 * Unpacks a code package into `folder`, which is made anew. Gives the reason when the package is refused: no zip, too
 * large before or after unpacking, or a path that leads out of the folder; nothing is left behind then.
 */
export async function unpackCode(zip: Buffer, folder: string): Promise<StatusReason | null> {
  if (zip.byteLength > ZIP_BYTES_MAX) {
    return refused("InvalidParameterValue.Code", `The zip has ${zip.byteLength} bytes.`);
  }
  const files = readZip(zip);
  if ("ErrorCode" in files) return files;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of files.entries) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return null;
}

/** Every path is looked at before the first byte is unpacked. */
function readZip(
  zip: Buffer,
): { readonly entries: readonly (readonly [string, Uint8Array])[] } | StatusReason {
  let bytes = 0;
  let foreign: string | undefined;
  try {
    unzipSync(zip, {
      filter({ name, originalSize }) {
        bytes += originalSize;
        if (!isInside(name)) foreign ??= name;
        return false;
      },
    });
    if (foreign !== undefined) {
      return refused("InvalidParameterValue.ZipFile", `The path ${foreign} leads out of the zip.`);
    }
    if (bytes > CODE_BYTES_MAX) {
      return refused("InvalidParameterValue.Code", `The code has ${bytes} bytes unpacked.`);
    }
    return { entries: Object.entries(unzipSync(zip)).filter(([name]) => !name.endsWith("/")) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return refused("InvalidParameterValue.ZipFile", `A non-standard zip file: ${text}`);
  }
}

function isInside(name: string): boolean {
  const parts = name.split("/");
  const climbs = parts.includes("..") || name.startsWith("/") || /^[a-z]:/i.test(name);
  return !climbs && !name.includes("\\") && !name.includes("\0") && name !== "";
}

function refused(ErrorCode: string, ErrorMessage: string): StatusReason {
  return { ErrorCode, ErrorMessage };
}
