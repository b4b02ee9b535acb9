import type { LabPicture } from "./cut-out-mask.ts";
import { labBytes } from "./lab.ts";

type Size = { readonly width: number; readonly height: number };

/** A grey picture, drawn pixel by pixel. */
export function drawLab(
  { width, height }: Size,
  grey: (x: number, y: number) => number,
): LabPicture {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return grey(pixel % width, Math.floor(pixel / width));
  });
  return { lab: labBytes(rgb), width, height };
}
