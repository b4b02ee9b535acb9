import { crc32 } from "node:zlib";

export type PngStructure = {
  readonly width: number;
  readonly height: number;
  /** Bits of one channel. */
  readonly depth: number;
  readonly isInterlaced: boolean;
  readonly chunks: readonly PngChunk[];
  /** Whether the end chunk is there, whole. */
  readonly isEnded: boolean;
};

type PngChunk = {
  readonly type: string;
  /** Where its data begin, and how many bytes of them there are: fewer than it says when the file ends before. */
  readonly at: number;
  readonly length: number;
  readonly isWhole: boolean;
};

const SIGNATURE_LENGTH = 8;
/** Length and type before the data, a checksum behind them. */
const FRAME_LENGTH = 12;

/** What a PNG is made of, by its chunks alone: nothing is inflated. Null when it does not begin as every PNG does. */
export function readPngStructure(bytes: Buffer): PngStructure | null {
  if (bytes.length < SIGNATURE_LENGTH + 8 + 13 || bytes.toString("latin1", 12, 16) !== "IHDR") {
    return null;
  }
  const chunks: PngChunk[] = [];
  let isEnded = false;
  let at = SIGNATURE_LENGTH;
  while (at + 8 <= bytes.length && !isEnded) {
    const claimed = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const isWhole = at + FRAME_LENGTH + claimed <= bytes.length;
    const length = Math.min(claimed, bytes.length - at - 8);
    chunks.push({ type, at: at + 8, length, isWhole });
    isEnded = type === "IEND" && isWhole;
    at += FRAME_LENGTH + claimed;
  }
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    depth: bytes[24] ?? 0,
    isInterlaced: bytes[28] === 1,
    chunks,
    isEnded,
  };
}

/** One chunk as a file has it. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.byteLength, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** The parts of a PNG's bytes that its whole chunks are. */
export function chunkBytes(bytes: Buffer, { at, length }: PngChunk): Buffer {
  return bytes.subarray(at - 8, at + length + 4);
}
