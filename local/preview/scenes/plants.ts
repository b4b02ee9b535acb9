import { darker, lighter } from "../colour.ts";
import { f, type Drawing } from "../drawing.ts";
import type { Random } from "../random.ts";

/** The shadow that a plant outside of the picture throws: long leaves on a few stems. */
export function drawLeafShadow(
  drawing: Drawing,
  random: Random,
  { x, y }: { x: number; y: number },
): void {
  const { unit } = drawing;
  for (let stem = 0; stem < 3; stem++) {
    const direction = random.between(20, 70);
    const length = unit * random.between(0.5, 0.8);
    for (let i = 2; i < 11; i++) {
      const along = (i / 11) * length;
      const turn = (direction * Math.PI) / 180;
      const [px, py] = [x + Math.cos(turn) * along, y + Math.sin(turn) * along];
      const side = i % 2 === 0 ? 48 : -48;
      const size = unit * random.between(0.1, 0.17) * (1.15 - i / 13);
      drawLeaf(drawing, {
        x: px,
        y: py,
        size,
        degrees: direction + side + random.between(-10, 10),
        fill: "#8d7f79",
        opacity: 0.62,
      });
    }
    x += unit * random.between(-0.02, 0.16);
    y -= unit * random.between(0, 0.06);
  }
}

/** A pot with broad leaves that stands on `ground`. */
export function drawPlant(
  drawing: Drawing,
  random: Random,
  { x, ground, pot }: { x: number; ground: number; pot: string },
): void {
  const { unit } = drawing;
  const [wide, high] = [unit * 0.075, unit * 0.13];
  dropShadow(drawing, x, ground, wide * 1.7);
  const crown = ground - high;
  for (let i = 0; i < 15; i++) {
    const degrees = -90 + (i - 7) * 11 + random.between(-8, 8);
    const reach = unit * random.between(0.14, 0.32);
    const turn = (degrees * Math.PI) / 180;
    const [tx, ty] = [x + Math.cos(turn) * reach, crown + Math.sin(turn) * reach];
    const green = random.pick(["#3f5a3c", "#4d6b45", "#5f7d50", "#34503a", "#738c5c"]);
    drawing.path(
      `M${f(x)} ${f(crown)}Q${f((x + tx) / 2)} ${f(ty + reach * 0.1)} ${f(tx)} ${f(ty)}`,
      "none",
      `stroke="${darker(green, 0.25)}" stroke-width="${f(unit * 0.003)}"`,
    );
    const size = unit * random.between(0.08, 0.13);
    const droop = degrees + (degrees > -90 ? 28 : -28);
    drawLeaf(drawing, { x: tx, y: ty, size, degrees: droop, fill: green, opacity: 1 });
  }
  const d = `M${f(x - wide)} ${f(crown)}H${f(x + wide)}L${f(x + wide * 0.74)} ${f(ground - unit * 0.01)}Q${f(x)} ${f(ground + unit * 0.008)} ${f(x - wide * 0.74)} ${f(ground - unit * 0.01)}Z`;
  drawing.path(d, roundSide(drawing, pot));
}

/** A vase with dry grasses. */
export function drawPampas(
  drawing: Drawing,
  random: Random,
  { x, ground, vase }: { x: number; ground: number; vase: string },
): void {
  const { unit } = drawing;
  const [wide, high] = [unit * 0.068, unit * 0.19];
  dropShadow(drawing, x, ground, wide * 1.6);
  const mouth = ground - high;
  for (let i = 0; i < 9; i++) {
    const lean = (i - 4) * 8 + random.between(-4, 4);
    const length = unit * random.between(0.24, 0.38);
    const turn = ((lean - 90) * Math.PI) / 180;
    const [tx, ty] = [x + Math.cos(turn) * length, mouth + Math.sin(turn) * length];
    const straw = random.pick(["#d9c3a0", "#cdb38c", "#e4d3b6", "#c4a882"]);
    drawing.path(
      `M${f(x)} ${f(mouth)}Q${f(x)} ${f((mouth + ty) / 2)} ${f(tx)} ${f(ty)}`,
      "none",
      `stroke="${darker(straw, 0.25)}" stroke-width="${f(unit * 0.0026)}"`,
    );
    for (let tuft = 0; tuft < 9; tuft++) {
      const share = 1 - tuft * 0.045;
      drawing.ellipse(
        {
          x: x + (tx - x) * share * share + random.between(-1, 1) * unit * 0.006,
          y: mouth + (ty - mouth) * share,
          width: unit * (0.008 + tuft * 0.0009),
          height: unit * 0.024,
        },
        straw,
        `opacity="0.62" transform="rotate(${f(lean + random.between(-14, 14))} ${f(x + (tx - x) * share * share)} ${f(mouth + (ty - mouth) * share)})"`,
      );
    }
  }
  const d = `M${f(x - wide * 0.36)} ${f(mouth)}H${f(x + wide * 0.36)}C${f(x + wide * 0.3)} ${f(mouth + high * 0.3)} ${f(x + wide)} ${f(mouth + high * 0.34)} ${f(x + wide)} ${f(mouth + high * 0.66)}C${f(x + wide)} ${f(ground)} ${f(x + wide * 0.5)} ${f(ground)} ${f(x)} ${f(ground)}C${f(x - wide * 0.5)} ${f(ground)} ${f(x - wide)} ${f(ground)} ${f(x - wide)} ${f(mouth + high * 0.66)}C${f(x - wide)} ${f(mouth + high * 0.34)} ${f(x - wide * 0.3)} ${f(mouth + high * 0.3)} ${f(x - wide * 0.36)} ${f(mouth)}Z`;
  drawing.path(d, roundSide(drawing, vase));
}

interface Leaf {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly degrees: number;
  readonly fill: string;
  readonly opacity: number;
}

function drawLeaf(drawing: Drawing, leaf: Leaf): void {
  const { size } = leaf;
  const d = `M0 0C${f(size * 0.3)} ${f(-size * 0.26)} ${f(size * 0.75)} ${f(-size * 0.2)} ${f(size)} 0C${f(size * 0.75)} ${f(size * 0.16)} ${f(size * 0.3)} ${f(size * 0.22)} 0 0Z`;
  const at = `transform="translate(${f(leaf.x)} ${f(leaf.y)}) rotate(${f(leaf.degrees)})"`;
  drawing.path(d, leaf.fill, `opacity="${leaf.opacity}" ${at}`);
}

function roundSide(drawing: Drawing, colour: string): string {
  return drawing.linear(
    [
      [0, darker(colour, 0.1)],
      [0.28, lighter(colour, 0.32)],
      [0.65, darker(colour, 0.1)],
      [1, darker(colour, 0.45)],
    ],
    0,
  );
}

function dropShadow(drawing: Drawing, x: number, ground: number, reach: number): void {
  const { unit } = drawing;
  drawing.ellipse(
    { x: x + reach * 0.3, y: ground, width: reach, height: unit * 0.022 },
    drawing.radial([
      [0, "#000000", 0.45],
      [0.6, "#000000", 0.2],
      [1, "#000000", 0],
    ]),
  );
}
