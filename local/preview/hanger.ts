import { darker, lighter } from "./colour.ts";
import { f, type Drawing } from "./drawing.ts";
import { columnTop, hasHook, rowSpan, topCentre } from "./garment/garment-shape.ts";
import type { Raster } from "./layer.ts";
import type { Stage } from "./stage.ts";

/** How far the arms fall for each pixel outwards. */
const slope = 0.4;
const wood = "#b98a58";

/** The hook and, behind the garment, the wooden arms. A photo's own hanger only gets a hook. */
export function drawHanger(
  drawing: Drawing,
  garment: Raster,
  { box, railY }: Stage,
  metal: string,
): void {
  const { unit } = drawing;
  const x = box.x + topCentre(garment);
  const own = hasHook(garment);
  const collar = Math.min(columnTop(garment, topCentre(garment)), garment.height * 0.09);
  const neck = own ? box.y + unit * 0.006 : box.y + collar - unit * 0.011;
  drawHook(drawing, { x, top: railY, bottom: neck }, metal);
  if (own) return;
  const half = armHalf(garment, topCentre(garment), neck - box.y);
  const drop = half * slope;
  const thick = Math.max(unit * 0.011, half * 0.075);
  const arm = (side: -1 | 1) =>
    `Q${f(x + side * half * 0.45)} ${f(neck + drop * 0.28)} ${f(x + side * half)} ${f(neck + drop)}`;
  const d = `M${f(x - half)} ${f(neck + drop)}Q${f(x - half * 0.45)} ${f(neck + drop * 0.28)} ${f(x)} ${f(neck)}${arm(1)}L${f(x + half * 0.98)} ${f(neck + drop + thick)}Q${f(x + half * 0.4)} ${f(neck + drop * 0.3 + thick * 1.5)} ${f(x)} ${f(neck + thick * 1.6)}Q${f(x - half * 0.4)} ${f(neck + drop * 0.3 + thick * 1.5)} ${f(x - half * 0.98)} ${f(neck + drop + thick)}Z`;
  const fill = drawing.linear([
    [0, lighter(wood, 0.3)],
    [0.5, wood],
    [1, darker(wood, 0.4)],
  ]);
  drawing.path(d, fill, `stroke="${darker(wood, 0.5)}" stroke-opacity="0.35" stroke-width="1"`);
}

// As far out as the garment surely covers the arms: they show at the neck only.
function armHalf(garment: Raster, centre: number, neck: number): number {
  const covered = (half: number) => {
    const y = Math.round(neck + half * slope);
    const span = y < 0 || y >= garment.height ? undefined : rowSpan(garment, y);
    const rim = garment.width * 0.02;
    return (
      span !== undefined && span.left + rim < centre - half && span.right - rim > centre + half
    );
  };
  for (let share = 0.38; share > 0.07; share -= 0.015) {
    const half = share * garment.width;
    if (covered(half) && covered(half * 0.85)) return half;
  }
  return garment.width * 0.07;
}

/** Two clips that hold a waistband or a print, in front of it, and the bar that carries them. */
export function drawClips(
  drawing: Drawing,
  garment: Raster,
  { box, railY }: Stage,
  metal: string,
): void {
  const { unit } = drawing;
  const span = rowSpan(garment, Math.round(garment.height * 0.03)) ?? {
    left: 0,
    right: garment.width,
  };
  const wide = span.right - span.left;
  const clips = [0.16, 0.84].map((share) => {
    const x = span.left + wide * share;
    return { x: box.x + x, y: box.y + Math.min(columnTop(garment, x), garment.height * 0.12) };
  });
  const barY = box.y - unit * 0.024;
  const middle = box.x + (span.left + span.right) / 2;
  drawHook(drawing, { x: middle, top: railY, bottom: barY }, metal);
  const steel = drawing.linear([
    [0, lighter(metal, 0.55)],
    [0.45, metal],
    [1, darker(metal, 0.45)],
  ]);
  const thick = unit * 0.009;
  drawing.rect(
    {
      x: middle - wide * 0.43,
      y: barY - thick / 2,
      width: wide * 0.86,
      height: thick,
    },
    steel,
    `rx="${f(thick / 2)}"`,
  );
  for (const { x, y } of clips) {
    const [w, h] = [unit * 0.026, y + unit * 0.03 - barY];
    const body = { x: x - w / 2, y: barY - thick * 0.8, width: w, height: h };
    drawing.rect(
      { ...body, x: body.x + unit * 0.004, y: body.y + unit * 0.004 },
      "#000",
      `rx="${f(w * 0.22)}" opacity="0.22"`,
    );
    drawing.rect(body, clipFill(drawing, metal), `rx="${f(w * 0.22)}"`);
    drawing.rect(
      { x: x - w / 2, y: body.y + h - w * 0.5, width: w, height: w * 0.12 },
      "#000",
      'opacity="0.25"',
    );
  }
}

function clipFill(drawing: Drawing, metal: string): string {
  return drawing.linear(
    [
      [0, darker(metal, 0.25)],
      [0.3, lighter(metal, 0.45)],
      [0.6, metal],
      [1, darker(metal, 0.4)],
    ],
    0,
  );
}

function drawHook(
  drawing: Drawing,
  { x, top, bottom }: { x: number; top: number; bottom: number },
  metal: string,
): void {
  const { unit } = drawing;
  const radius = unit * 0.0155;
  const y = top - unit * 0.002;
  const d = `M${f(x)} ${f(bottom)}V${f(y + radius * 1.7)}C${f(x)} ${f(y + radius * 0.9)} ${f(x + radius)} ${f(y + radius)} ${f(x + radius)} ${f(y)}A${f(radius)} ${f(radius)} 0 1 0 ${f(x - radius)} ${f(y)}`;
  const stroke = (width: number, colour: string, shift: number) =>
    drawing.path(
      d,
      "none",
      `stroke="${colour}" stroke-width="${f(width)}" stroke-linecap="round" transform="translate(${f(shift)} 0)"`,
    );
  stroke(unit * 0.0072, darker(metal, 0.45), 0);
  stroke(unit * 0.004, lighter(metal, 0.35), -unit * 0.0008);
}
