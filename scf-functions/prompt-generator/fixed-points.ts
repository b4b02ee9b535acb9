import { PROMPT_LIMITS } from "../../core/function-schemas/prompt-generator.ts";

/** What spoils every picture of a garment that is for sale, the worst first. */
const FIXED_POINTS = [
  "changed garment colour",
  "changed pattern or print",
  "extra logos or text",
  "added or missing buttons, pockets or seams",
  "distorted hands or fingers",
  "hair or arms covering the garment",
] as const;

/** The model's own points, which know this garment, then those that always hold; each once. */
export function withFixedPoints(points: readonly string[]): string[] {
  const own = points.slice(0, PROMPT_LIMITS.avoidMax - FIXED_POINTS.length);
  const known = new Set(own.map((point) => point.toLowerCase()));
  return [...own, ...FIXED_POINTS.filter((point) => !known.has(point))];
}
