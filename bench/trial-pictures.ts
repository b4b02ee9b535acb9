import sharp, { type Sharp } from "sharp";
import { blackPng, halvesPng, PNG_KINDS } from "../scf-functions/testing/drawn-png.fixture.ts";
import { bombPng, noisePicture } from "../scf-functions/testing/pictures.fixture.ts";

export type TrialPicture = { readonly name: string; readonly make: () => Promise<Buffer> };

/** Odd, even, tiny, long, wide and as large as a phone's. */
const SIZES: readonly (readonly [width: number, height: number])[] = [
  [1, 1],
  [2, 3],
  [17, 17],
  [100, 1],
  [64, 48],
  [333, 499],
  [790, 2000],
  [1200, 90],
  [800, 800],
  [1080, 1440],
];
const FORMATS = ["jpeg", "png", "webp"] as const;
const SHAPES = ["plain", "alpha", "grey", "16 bit", "progressive", "profile", "cmyk"] as const;
type Shape = (typeof SHAPES)[number];

/** Three hundred pictures and what lies behind: every size in every format and shape, then the ones that want to break something. */
export function trialPictures(): readonly TrialPicture[] {
  const regular = SIZES.flatMap(([width, height]) =>
    FORMATS.flatMap((format) =>
      SHAPES.map((shape) => ({
        name: `${width}x${height} ${shape} ${format}`,
        make: () =>
          shaped(photo(width, height), shape).toFormat(format, optionsOf(shape)).toBuffer(),
      })),
    ),
  );
  const kinds = PNG_KINDS.map((kind) => ({
    name: `png of ${kind.join(" bits, colour type ")}`,
    make: async () => halvesPng(kind, 96),
  }));
  const turned = [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => ({
    name: `jpeg turned by ${orientation}`,
    make: () => photo(300, 200).withMetadata({ orientation }).jpeg().toBuffer(),
  }));
  const cut = FORMATS.flatMap((format) =>
    [1, 2, 8, 12, 16, 40, 400, 4000, 8000].map((missing) => ({
      name: `${format} without its last ${missing} bytes`,
      make: async () =>
        (await noisePicture({ width: 150, height: 120 }).toFormat(format).toBuffer()).subarray(
          0,
          -missing,
        ),
    })),
  );
  return [...regular, ...kinds, ...turned, ...cut, ...OTHERS, ...LARGE];
}

const text = (bytes: string) => async () => Buffer.from(bytes, "latin1");
const OTHERS: readonly TrialPicture[] = [
  { name: "empty", make: text("") },
  { name: "html", make: text("<!doctype html><p>404") },
  { name: "svg", make: text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>') },
  { name: "jpeg's first bytes", make: text("\xff\xd8\xff\xe0") },
  { name: "png's first bytes", make: text("\x89PNG\r\n\x1a\n") },
  { name: "gif", make: () => photo(50, 50).gif().toBuffer() },
  { name: "tiff", make: () => photo(50, 50).tiff().toBuffer() },
  { name: "avif", make: () => photo(50, 50).avif({ effort: 0 }).toBuffer() },
  { name: "bomb of 256 MP", make: async () => bombPng() },
  { name: "thread of 25 MP", make: async () => blackPng(1, 25_000_000) },
  { name: "ribbon 30000x300", make: async () => blackPng(30_000, 300) },
  { name: "page 790x20000", make: () => photo(790, 20_000).jpeg().toBuffer() },
  { name: "page 790x20000 png", make: () => photo(790, 20_000).png().toBuffer() },
];

/** Soft shapes with a little noise: neither plain nor impossible to compress. */
function photo(width: number, height: number): Sharp {
  const small = { width: 24, height: 24, channels: 3, background: "#808080" } as const;
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  return sharp({ create: { ...small, noise } }).resize(width, height, { fit: "fill" });
}

function shaped(image: Sharp, shape: Shape): Sharp {
  switch (shape) {
    case "alpha":
      return image.ensureAlpha(0.5);
    case "grey":
      return image.toColourspace("b-w");
    case "16 bit":
      return image.toColourspace("rgb16");
    case "profile":
      return image.withIccProfile("p3");
    case "cmyk":
      return image.toColourspace("cmyk");
    case "plain":
    case "progressive":
      return image;
  }
}

const optionsOf = (shape: Shape) => (shape === "progressive" ? { progressive: true } : {});

const whole = () => photo(5000, 5000);
const clear = { width: 5000, height: 5000, channels: 4, background: "#80402080" } as const;
/** As many pixels as are taken, in the shapes that cost the most memory, each four times: a call brings four. */
export const LARGE: readonly TrialPicture[] = [
  { name: "1x1 png", make: async () => blackPng(1, 1) },
  { name: "25 MP jpeg", make: () => whole().jpeg().toBuffer() },
  {
    name: "25 MP progressive jpeg",
    make: () => whole().jpeg({ progressive: true, chromaSubsampling: "4:4:4" }).toBuffer(),
  },
  {
    name: "25 MP interlaced png with alpha",
    make: () => sharp({ create: clear }).png({ progressive: true }).toBuffer(),
  },
  { name: "25 MP webp", make: () => whole().webp({ effort: 0 }).toBuffer() },
].flatMap((picture) => [picture, picture, picture, picture]);

/** A picture for a watermark. */
export const MARK: TrialPicture = { name: "mark", make: async () => halvesPng([8, 6], 200) };
