import { z } from "zod";
import { imageFormatSchema, objectKeySchema } from "./function-answer.ts";

/** What `ai-image-processor` can do to one picture. Every number is bounded; unknown fields are refused. */
export const colourSchema = z.string().regex(/^#[0-9a-f]{6}$/i, "a colour such as #ffffff");

/** What pictures are written as; they are read as JPEG, PNG or WebP only. */
export const outputFormatSchema = z.enum([...imageFormatSchema.options, "avif"]);
export type OutputFormat = z.infer<typeof outputFormatSchema>;

const gravitySchema = z.enum([
  "northwest",
  "north",
  "northeast",
  "west",
  "centre",
  "east",
  "southwest",
  "south",
  "southeast",
]);
export type Gravity = z.infer<typeof gravitySchema>;

/** Which part survives a crop: a side, or whatever draws the eye. */
const focusSchema = z.union([gravitySchema, z.literal("attention")]);

const sideSchema = z.number().int().min(1).max(8192);

export const resizeSchema = z.strictObject({
  width: sideSchema.optional(),
  height: sideSchema.optional(),
  /**
   * `fit` = inside the box, keeping the ratio (alias of `inside`); `fill` = stretch; `cover` = fill the box
   * and crop; `contain` = inside the box with bars; `outside` = cover without cropping.
   */
  mode: z.enum(["fit", "fill", "cover", "contain", "inside", "outside"]).default("fit"),
  /** Small pictures stay small unless asked. */
  enlarge: z.boolean().default(false),
  /** What `cover` keeps. */
  position: focusSchema.default("centre"),
});

export const ratioSchema = z.string().regex(/^[1-9]\d?:[1-9]\d?$/, "a ratio such as 3:4");

export const cropSchema = z.union([
  /** Pixels of the upright picture; what lies outside of it is cut off the rectangle. */
  z.strictObject({
    left: z.number().int().min(0).max(50_000),
    top: z.number().int().min(0).max(50_000),
    width: z.number().int().min(1).max(50_000),
    height: z.number().int().min(1).max(50_000),
  }),
  /** The largest part of this shape. */
  z.strictObject({
    ratio: ratioSchema,
    position: focusSchema.default("centre"),
  }),
]);
export type Crop = z.output<typeof cropSchema>;

export const cutOutSchema = z.strictObject({
  /** What stands behind the garment; a JPEG turns "transparent" into white. */
  background: z.union([z.literal("transparent"), colourSchema]).default("#ffffff"),
  /** `marketplace`: a square, the garment in its middle and as large as the margin lets it be. */
  preset: z.literal("marketplace").optional(),
  /** The square's side. */
  side: z.number().int().min(800).max(2000).default(1000),
  /** Share of the square's side that stays free on each side of the garment. */
  margin: z.number().min(0).max(0.3).default(0.05),
  /** A soft shadow below the garment; needs a colour behind it. */
  shadow: z.boolean().default(false),
});

/** Chinese and Latin letters, one line; which ones can be drawn `drawable-text.ts` says. */
export const watermarkTextSchema = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u, "one line of text");

export const watermarkSchema = z
  .strictObject({
    text: watermarkTextSchema.optional(),
    /** A picture of ours. Whoever builds the event makes sure that the customer may use it. */
    imageKey: objectKeySchema.optional(),
    position: gravitySchema.default("southeast"),
    opacity: z.number().min(0.05).max(1).default(0.75),
    /** Width of the mark as a share of the picture's width. */
    scale: z.number().min(0.02).max(1).default(0.36),
    /** Distance to the edges as a share of the shorter side. */
    margin: z.number().min(0).max(0.4).default(0.03),
    colour: colourSchema.default("#ffffff"),
    /** All over the picture, slanted, instead of at one place. */
    tile: z.boolean().default(false),
  })
  .refine(({ text, imageKey }) => (text === undefined) !== (imageKey === undefined), {
    error: "either text or imageKey",
  });
export type Watermark = z.output<typeof watermarkSchema>;

export const qualitySchema = z.number().int().min(1).max(100);
export const targetBytesSchema = z.number().int().min(1024).max(20_000_000);

export const operationsSchema = z
  .strictObject({
    /** Turn the pixels as the camera's EXIF says; metadata is dropped either way. */
    autoOrient: z.boolean().default(true),
    crop: cropSchema.optional(),
    cutOut: cutOutSchema.optional(),
    resize: resizeSchema.optional(),
    watermark: watermarkSchema.optional(),
    /** Behind what is transparent, and the bars of `contain` (white unless told). */
    background: colourSchema.optional(),
    format: outputFormatSchema.default("jpeg"),
    /** By default jpeg 90, webp 82, avif 55; PNG has none. */
    quality: qualitySchema.optional(),
    /** Lower the quality, never below 40 (avif: 25), until the file is at most this large. */
    targetBytes: targetBytesSchema.optional(),
    /** `preview` encodes faster for a few percent more bytes. */
    purpose: z.enum(["preview", "final"]).default("final"),
  })
  .refine(({ autoOrient, crop, cutOut }) => autoOrient || (crop ?? cutOut) === undefined, {
    path: ["autoOrient"],
    error: "crop and cutOut work on the upright picture",
  });
export type ImageOperations = z.input<typeof operationsSchema>;
export type Operations = z.output<typeof operationsSchema>;

/** Smaller copies for lists and pages, all WebP, never larger than the picture itself. */
export const VARIANT_WIDTHS = { list: 240, card: 640, detail: 1280 } as const;
export const variantNameSchema = z.enum(["list", "card", "detail"]);
export type VariantName = z.infer<typeof variantNameSchema>;
export const variantsSchema = z.array(variantNameSchema).max(3);

/** Where the copies of the object `to` are written: `a/b.jpg` has `a/b-card.webp` beside it. */
export function variantKey(to: string, name: VariantName): string {
  return `${to.replace(/\.[a-z0-9]{1,5}$/i, "")}-${name}.webp`;
}
