import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { zipSync, type Zippable } from "fflate";
import { listFiles, type PackedFile } from "./image-library.ts";

export type PackedFunction = {
  readonly name: string;
  readonly zip: Uint8Array;
  readonly sha256: string;
  /** Where it goes in the bucket. */
  readonly key: string;
  readonly codeBytes: number;
};

type PackLimits = { readonly zipBytesMax: number; readonly codeBytesMax: number };

/** The SDK's description of `Code`, and 583/11637. */
const PACK_LIMITS: PackLimits = {
  zipBytesMax: 50 * 1024 * 1024,
  codeBytesMax: 500 * 1024 * 1024,
};
/**
 * Zips a bundle's folder and what belongs beside it: the same files give the same bytes, whenever and wherever.
 * Throws when it is larger than the platform takes.
 */
export async function packFunction(
  bundle: { readonly name: string; readonly folder: string },
  beside: readonly PackedFile[],
  limits = PACK_LIMITS,
): Promise<PackedFunction> {
  const { name } = bundle;
  const files = [...(await listFiles(bundle.folder)), ...beside];
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  // A zip has no zone: this is the same local time everywhere.
  const mtime = new Date(2000, 0, 1);
  const zippable: Zippable = {};
  let codeBytes = 0;
  for (const { path, from } of files) {
    const bytes = await readFile(from);
    codeBytes += bytes.byteLength;
    zippable[path] = [bytes, { mtime, os: 3, attrs: FILE_MODE }];
  }
  refuseAbove(limits.codeBytesMax, codeBytes, `${name} unpacked`);
  const zip = zipSync(zippable, { level: 6 });
  refuseAbove(limits.zipBytesMax, zip.byteLength, `${name} zipped`);
  const sha256 = createHash("sha256").update(zip).digest("hex");
  return { name, zip, sha256, key: `deploy/${name}-${sha256}.zip`, codeBytes };
}

/** -rw-r--r--, in the upper half as zip keeps it. */
const FILE_MODE = (0o100644 << 16) >>> 0;

function refuseAbove(bytesMax: number, bytes: number, what: string): void {
  if (bytes <= bytesMax) return;
  const [is, most] = [bytes, bytesMax].map((one) => `${(one / 1024 / 1024).toFixed(1)} MB`);
  throw new Error(`${what} has ${is}, and SCF takes ${most}.`);
}
