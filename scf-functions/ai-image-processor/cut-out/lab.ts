const linear = Float64Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

/** CIE Lab (D65) of an sRGB colour: lightness 0..100, a and b about -110..110. */
function labOf(red: number, green: number, blue: number): [number, number, number] {
  const r = linear[red] ?? 0;
  const g = linear[green] ?? 0;
  const b = linear[blue] ?? 0;
  const x = curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Whole pictures, three bytes a pixel: lightness 0..255, a and b shifted by 128. */
export function labBytes(rgb: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(rgb.length);
  for (let at = 0; at + 2 < rgb.length; at += 3) {
    const [l, a, b] = labOf(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0);
    bytes[at] = Math.round(l * 2.55);
    bytes[at + 1] = Math.min(255, Math.max(0, Math.round(a + 128)));
    bytes[at + 2] = Math.min(255, Math.max(0, Math.round(b + 128)));
  }
  return bytes;
}

function curve(value: number): number {
  return value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
}
