import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { crc32, deflateRaw } from "node:zlib";
import { Zip, type ZipInputFile } from "fflate";
import { listFiles, type PackedFile } from "./image-library.ts";

export type PackedFunction = {
  readonly name: string;
  readonly zip: Uint8Array;
  /** Of the files' paths and contents: how they were compressed is not in it. */
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
 * Zips a bundle's folder and what belongs beside it: the same files have the same hash, whenever and wherever.
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
  const hash = createHash("sha256");
  const zip = collectZip();
  let codeBytes = 0;
  for (const { path, from } of files) {
    const bytes = await readFile(from);
    codeBytes += bytes.byteLength;
    hash.update(`${path}\0${bytes.byteLength}\0`).update(bytes);
    await zip.add(path, bytes);
  }
  refuseAbove(limits.codeBytesMax, codeBytes, `${name} unpacked`);
  const zipped = zip.end();
  refuseAbove(limits.zipBytesMax, zipped.byteLength, `${name} zipped`);
  const sha256 = hash.digest("hex");
  return { name, zip: zipped, sha256, key: `deploy/${name}-${sha256}.zip`, codeBytes };
}

const deflate = promisify(deflateRaw);
const DEFLATED = 8;

/** A zip that grows file by file. zlib compresses: it takes a third of the time that JavaScript needs. */
function collectZip() {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  // A zip has no zone: this is the same local time everywhere.
  const mtime = new Date(2000, 0, 1);
  return {
    async add(filename: string, bytes: Uint8Array): Promise<void> {
      const [size, crc, compression] = [bytes.byteLength, crc32(bytes), DEFLATED];
      const attributes = { mtime, os: 3, attrs: FILE_MODE };
      const file: ZipInputFile = { filename, size, crc, compression, ...attributes };
      zip.add(file);
      file.ondata?.(null, await deflate(bytes, { level: 6 }), true);
    },
    end(): Uint8Array {
      zip.end();
      return Buffer.concat(chunks);
    },
  };
}

/** -rw-r--r--, in the upper half as zip keeps it. */
const FILE_MODE = (0o100644 << 16) >>> 0;

function refuseAbove(bytesMax: number, bytes: number, what: string): void {
  if (bytes <= bytesMax) return;
  const [is, most] = [bytes, bytesMax].map((one) => `${(one / 1024 / 1024).toFixed(1)} MB`);
  throw new Error(`${what} has ${is}, and SCF takes ${most}.`);
}
