import type { Crop, Gravity } from "../../core/function-schemas/image-operations.ts";
import { FunctionError } from "../shared/function-error.ts";

type Size = { readonly width: number; readonly height: number };
type Area = Size & { readonly left: number; readonly top: number };
/** What to cut: a place that is known, or a size whose place the pixels decide. */
export type CropPlan = { readonly area: Area } | { readonly attention: Size };

/**
 * Where to crop a picture of this size. A rectangle is cut to the picture; one wholly outside of it is
 * IMAGE_OPERATION_INVALID.
 */
export function cropArea(crop: Crop, size: Size): CropPlan {
  if (!("ratio" in crop)) return { area: clampRectangle(crop, size) };
  const [across = 1, down = 1] = crop.ratio.split(":").map(Number);
  const width = Math.min(size.width, Math.max(1, Math.round((size.height * across) / down)));
  const height = Math.min(size.height, Math.max(1, Math.round((size.width * down) / across)));
  if (crop.position === "attention") return { attention: { width, height } };
  const { x, y } = gravityShares(crop.position);
  const left = Math.round((size.width - width) * x);
  return { area: { left, top: Math.round((size.height - height) * y), width, height } };
}

function clampRectangle(area: Area, size: Size): Area {
  const width = Math.min(area.width, size.width - area.left);
  const height = Math.min(area.height, size.height - area.top);
  if (width >= 1 && height >= 1) return { left: area.left, top: area.top, width, height };
  throw new FunctionError(
    "IMAGE_OPERATION_INVALID",
    `/options/crop lies beside the picture, which is ${size.width} x ${size.height} pixels.`,
  );
}

/** A gravity word as shares of the free room: 0 left or top, 0.5 middle, 1 right or bottom. */
export function gravityShares(gravity: Gravity): { readonly x: number; readonly y: number } {
  const x = gravity.endsWith("west") ? 0 : gravity.endsWith("east") ? 1 : 0.5;
  const y = gravity.startsWith("north") ? 0 : gravity.startsWith("south") ? 1 : 0.5;
  return { x, y };
}
