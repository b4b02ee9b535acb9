import { drawSampleGarment, sampleColour } from "./draw-sample-garment.ts";
import { sampleKinds } from "./sample-shapes.ts";

export interface SampleGarment {
  /** "red-t-shirt" and the like. */
  readonly name: string;
  /** A JPEG of 960 x 1280. */
  readonly bytes: Uint8Array;
}

/** A small collection for a demo without photos: one garment of each kind, each in its own colour. */
export async function sampleGarments(): Promise<SampleGarment[]> {
  const garments: SampleGarment[] = [];
  for (const [index, kind] of sampleKinds.entries()) {
    const bytes = await drawSampleGarment(kind, index);
    garments.push({ name: `${sampleColour(index)}-${kind}`, bytes });
  }
  return garments;
}
