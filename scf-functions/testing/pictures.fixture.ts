import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { pngChunk } from "../shared/png-structure.ts";

type Size = { readonly width: number; readonly height: number };

/** A grey noise picture: it compresses badly, as photos do. */
export function noisePicture(size: Size) {
  return sharp({
    create: {
      ...size,
      channels: 3,
      background: "#808080",
      noise: { type: "gaussian", mean: 128, sigma: 30 },
    },
  });
}

/** A picture of one colour; `background` may have alpha. */
export function plainPicture(size: Size, background = "#cc2233") {
  return sharp({ create: { ...size, channels: 4, background }, limitInputPixels: false });
}

/** A small JPEG. */
export function smallJpeg(size: Size = { width: 64, height: 48 }): Promise<Buffer> {
  return plainPicture(size).jpeg().toBuffer();
}

/** A black PNG of 1 bit a pixel: 16000 x 16000 are 31 KB here and 256 megapixels for who decodes it. */
export function bombPng(side = 16_000): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const row = 1 + Math.ceil(side / 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(Buffer.alloc(row * side), { level: 9 })),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}
