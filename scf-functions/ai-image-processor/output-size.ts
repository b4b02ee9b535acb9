import { cropArea } from "./crop-area.ts";
import { CUT_OUT_SIDE_MAX } from "./cut-out/cut-out.ts";
import type { Operations } from "../../core/function-schemas/image-operations.ts";

export type Size = { readonly width: number; readonly height: number };

/** How large the result of crop, cut-out and resize is, before any of it is done. */
export function outputSize(upright: Size, operations: Operations): Size {
  const before = sizeBeforeResize(upright, operations);
  const { resize } = operations;
  if (resize === undefined || (resize.width ?? resize.height) === undefined) return before;
  return resizedSize(before, resize);
}

function sizeBeforeResize(upright: Size, { crop, cutOut }: Operations): Size {
  const cropped = croppedSize(upright, crop);
  if (cutOut === undefined) return cropped;
  if (cutOut.preset === "marketplace") return { width: cutOut.side, height: cutOut.side };
  const scale = Math.min(1, CUT_OUT_SIDE_MAX / Math.max(cropped.width, cropped.height));
  return scaled(cropped, scale, scale);
}

function croppedSize(upright: Size, crop: Operations["crop"]): Size {
  if (crop === undefined) return upright;
  const plan = cropArea(crop, upright);
  return "area" in plan ? plan.area : plan.attention;
}

/** As sharp does it. */
function resizedSize(from: Size, resize: NonNullable<Operations["resize"]>): Size {
  const { width, height, mode } = resize;
  const limit = (scale: number) => (resize.enlarge ? scale : Math.min(1, scale));
  if (mode === "fill") {
    return scaled(
      from,
      limit((width ?? from.width) / from.width),
      limit((height ?? from.height) / from.height),
    );
  }
  const scales = [
    ...(width === undefined ? [] : [width / from.width]),
    ...(height === undefined ? [] : [height / from.height]),
  ];
  const covers = mode === "cover" || mode === "outside";
  const scale = limit(covers ? Math.max(...scales) : Math.min(...scales));
  const whole = scaled(from, scale, scale);
  // The bars of `contain` are added to a picture that stays small, too.
  if (mode === "contain") return { width: width ?? whole.width, height: height ?? whole.height };
  if (width === undefined || height === undefined) return whole;
  if (mode !== "cover") return whole;
  return { width: Math.min(width, whole.width), height: Math.min(height, whole.height) };
}

const scaled = (from: Size, across: number, down: number): Size => ({
  width: Math.max(1, Math.round(from.width * across)),
  height: Math.max(1, Math.round(from.height * down)),
});
