import { darker, lighter } from "./colour.ts";
import { f, type Drawing } from "./drawing.ts";
import type { Stage } from "./stage.ts";

const thickness = [0.016, 0.0135, 0.0115] as const;

/** The rail that the hanger is on; its posts stand where the camera is far enough to see them. */
export function drawRack(
  drawing: Drawing,
  { box, railY, floorY }: Stage,
  distance: 0 | 1 | 2,
  metal: string,
): void {
  const { unit, width, height } = drawing;
  const thick = unit * thickness[distance];
  const middle = box.x + box.width / 2;
  const half = Math.max(box.width * 0.66, unit * 0.26);
  const posts = [middle - half, middle + half * 1.12];
  const left = distance === 2 || (distance === 1 && middle > width / 2) ? posts[0] : undefined;
  const right = distance === 2 || (distance === 1 && middle <= width / 2) ? posts[1] : undefined;
  const from = left ?? -thick;
  const to = right ?? width + thick;
  for (const x of [left, right]) {
    if (x === undefined) continue;
    const foot = Math.min(height * 0.985, floorY + unit * 0.02);
    drawFoot(drawing, { x, y: foot }, thick, metal);
    drawing.rect(
      { x: x - thick / 2, y: railY, width: thick, height: foot - railY },
      tube(drawing, metal, 0),
    );
  }
  drawing.rect(
    { x: from - thick / 2, y: railY - thick / 2, width: to - from + thick, height: thick },
    tube(drawing, metal, 90),
    `rx="${f(thick / 2)}"`,
  );
}

function drawFoot(
  drawing: Drawing,
  { x, y }: { x: number; y: number },
  thick: number,
  metal: string,
): void {
  const { unit } = drawing;
  const reach = unit * 0.085;
  drawing.ellipse(
    { x, y: y + thick * 0.4, width: reach * 1.5, height: unit * 0.02 },
    drawing.radial([
      [0, "#000000", 0.42],
      [0.6, "#000000", 0.16],
      [1, "#000000", 0],
    ]),
  );
  const d = `M${f(x - reach)} ${f(y + unit * 0.006)}Q${f(x)} ${f(y - unit * 0.012)} ${f(x + reach)} ${f(y + unit * 0.006)}`;
  drawing.path(
    d,
    "none",
    `stroke="${darker(metal, 0.3)}" stroke-width="${f(thick * 0.95)}" stroke-linecap="round"`,
  );
}

function tube(drawing: Drawing, metal: string, angle: number): string {
  return drawing.linear(
    [
      [0, darker(metal, 0.3)],
      [0.3, lighter(metal, 0.5)],
      [0.55, metal],
      [1, darker(metal, 0.55)],
    ],
    angle,
  );
}

/** A round plinth, lit from the side that the light comes from. */
export function drawPlinth(
  drawing: Drawing,
  { plinth, floorY }: Stage,
  colour: string,
  lightFrom: "left" | "right",
): void {
  const { unit, height } = drawing;
  const { x, y, radius } = plinth;
  const flat = radius * 0.17;
  const base = Math.max(y + unit * 0.12, Math.min(floorY + flat * 0.4, height * 1.2));
  drawing.ellipse(
    {
      x: x + radius * (lightFrom === "left" ? 0.22 : -0.22),
      y: base + flat * 0.25,
      width: radius * 1.45,
      height: flat * 1.7,
    },
    drawing.radial([
      [0, "#000000", 0.5],
      [0.62, "#000000", 0.28],
      [1, "#000000", 0],
    ]),
  );
  const d = `M${f(x - radius)} ${f(y)}V${f(base)}A${f(radius)} ${f(flat)} 0 0 0 ${f(x + radius)} ${f(base)}V${f(y)}Z`;
  const side = [
    [0, darker(colour, 0.12)],
    [0.24, lighter(colour, 0.2)],
    [0.6, darker(colour, 0.16)],
    [1, darker(colour, 0.48)],
  ] as const;
  drawing.path(d, drawing.linear(side, lightFrom === "left" ? 0 : 180));
  const top = drawing.linear(
    [
      [0, lighter(colour, 0.5)],
      [1, lighter(colour, 0.12)],
    ],
    lightFrom === "left" ? 15 : 165,
  );
  drawing.ellipse({ x, y, width: radius, height: flat }, top);
  drawing.ellipse(
    { x, y: y + unit * 0.0012, width: radius, height: flat },
    "none",
    `stroke="#fff" stroke-opacity="0.35" stroke-width="${f(unit * 0.0015)}"`,
  );
}
