import type { ImageFormat } from "../../core/function-schemas/function-answer.ts";
import { readJpegStructure } from "./jpeg-structure.ts";
import { chunkBytes, pngChunk, readPngStructure } from "./png-structure.ts";

const JPEG_END = Buffer.from([0xff, 0xd9]);
const PNG_SIGNATURE_LENGTH = 8;

/**
 * The same bytes, or a copy with the end that a broken transfer or a careless program left out, as browsers take it for
 * granted: JPEG's end marker, PNG's last checksum and end chunk. What lacks pixels stays what it is, and is refused when
 * it is decoded.
 */
export function mendPicture(bytes: Buffer, format: ImageFormat): Buffer {
  switch (format) {
    case "jpeg":
      return mendJpeg(bytes);
    case "png":
      return mendPng(bytes);
    case "webp":
      return bytes;
  }
}

function mendJpeg(bytes: Buffer): Buffer {
  if (bytes.subarray(-JPEG_END.length).equals(JPEG_END)) return bytes;
  const structure = readJpegStructure(bytes);
  // A progressive picture without its last scans is a blurred one: no decoder says so.
  if (structure === null || structure.isEnded || !structure.isComplete) return bytes;
  return Buffer.concat([bytes, JPEG_END]);
}

function mendPng(bytes: Buffer): Buffer {
  const structure = readPngStructure(bytes);
  if (structure === null || structure.isEnded) return bytes;
  const parts = [bytes.subarray(0, PNG_SIGNATURE_LENGTH)];
  for (const chunk of structure.chunks) {
    const { type, at, length, isWhole } = chunk;
    if (isWhole) parts.push(chunkBytes(bytes, chunk));
    else if (type === "IDAT") parts.push(pngChunk(type, bytes.subarray(at, at + length)));
  }
  return Buffer.concat([...parts, pngChunk("IEND", Buffer.alloc(0))]);
}

const TEXTS: readonly string[] = ["tEXt", "zTXt", "iTXt"];

/**
 * A PNG without its texts, which nobody here reads: a hundred of them in 1 MB inflate for ten seconds. Other pictures are
 * given back as they are.
 */
export function withoutTexts(bytes: Buffer, format: ImageFormat): Buffer {
  const chunks = format === "png" ? readPngStructure(bytes)?.chunks : undefined;
  if (chunks?.some(({ type }) => TEXTS.includes(type)) !== true) return bytes;
  const kept = chunks.filter(({ type, isWhole }) => isWhole && !TEXTS.includes(type));
  const signature = bytes.subarray(0, PNG_SIGNATURE_LENGTH);
  return Buffer.concat([signature, ...kept.map((chunk) => chunkBytes(bytes, chunk))]);
}
