/** Colours as OKLCH: lightness 0..1, chroma 0..about 0.37, hue in degrees. Even steps look even. */
export interface Lch {
  readonly l: number;
  readonly c: number;
  readonly h: number;
}

export type Rgb = readonly [number, number, number];

/** The CSS hex of an OKLCH colour; what the screen cannot show is clipped. */
export function hex({ l, c, h }: Lch): string {
  return hexOfRgb(rgbOf({ l, c, h }));
}

function hexOfRgb(rgb: Rgb): string {
  return `#${rgb.map((value) => clampByte(value).toString(16).padStart(2, "0")).join("")}`;
}

/** Between two hex colours: 0 gives the first, 1 the second. */
export function mix(one: string, other: string, share: number): string {
  const a = rgbOfHex(one);
  const b = rgbOfHex(other);
  const at = (i: 0 | 1 | 2) => a[i] + (b[i] - a[i]) * share;
  return hexOfRgb([at(0), at(1), at(2)]);
}

export function lighter(colour: string, share: number): string {
  return mix(colour, "#ffffff", share);
}

export function darker(colour: string, share: number): string {
  return mix(colour, "#0b0a0d", share);
}

export function rgbOfHex(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function lchOfRgb([red, green, blue]: Rgb): Lch {
  const [r, g, b] = [toLinear(red), toLinear(green), toLinear(blue)];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const l = 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
  const a = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short;
  const bb = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short;
  return { l, c: Math.hypot(a, bb), h: ((Math.atan2(bb, a) * 180) / Math.PI + 360) % 360 };
}

function rgbOf({ l, c, h }: Lch): Rgb {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toByte(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    toByte(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    toByte(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function toLinear(byte: number): number {
  const share = byte / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function toByte(value: number): number {
  const share = Math.min(1, Math.max(0, value));
  return clampByte(255 * (share <= 0.0031308 ? 12.92 * share : 1.055 * share ** (1 / 2.4) - 0.055));
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
