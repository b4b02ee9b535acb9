import type { ImageFormat } from "../../core/function-schemas/function-answer.ts";
import { megapixels, WORK_MEGABYTES_MAX } from "../../core/function-schemas/output-limits.ts";
import { readJpegStructure } from "../shared/jpeg-structure.ts";
import { readPngStructure } from "../shared/png-structure.ts";
import type { Size } from "./output-size.ts";

/** Megabytes for reading a picture: a whole one where the file does not bring its rows in order, a few rows else. */
export function decodeMegabytes(bytes: Buffer, format: ImageFormat, size: Size): number {
  switch (format) {
    case "jpeg": {
      const jpeg = readJpegStructure(bytes);
      const isWhole = jpeg !== null && (jpeg.isProgressive || jpeg.scans > 1);
      return megapixels(size) * (isWhole ? 2.2 * jpeg.components : 0.5);
    }
    case "png": {
      const png = readPngStructure(bytes);
      if (png?.isInterlaced !== true) return megapixels(size) * 2;
      return megapixels(size) * (png.depth === 16 ? 11 : 6);
    }
    case "webp":
      return megapixels(size) * 7;
  }
}

/** Memory that is taken and given back: who wants more than is free waits, first come first served. */
export type WorkMemory = { take(megabytes: number): Promise<() => void> };

export function createWorkMemory(megabytesMax = WORK_MEGABYTES_MAX): WorkMemory {
  let free = megabytesMax;
  const waiting: { readonly megabytes: number; go(): void }[] = [];
  const serve = (): void => {
    for (let next = waiting[0]; next !== undefined && next.megabytes <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.megabytes;
      next.go();
    }
  };
  return {
    take(wanted) {
      // What is estimated above the whole works alone.
      const megabytes = Math.min(wanted, megabytesMax);
      return new Promise((resolve) => {
        const release = () => {
          free += megabytes;
          serve();
        };
        waiting.push({ megabytes, go: () => resolve(release) });
        serve();
      });
    },
  };
}
