import { darker, lighter, mix } from "../colour.ts";
import { f, type Drawing } from "../drawing.ts";
import { mottle, sheetOf, type Scene, type SceneRequest } from "./scene.ts";

/** A cyclorama sweep with one soft pool of light and, at times, an arch, a disc or a window's light. */
export function studioScene(request: SceneRequest): Scene {
  const { palette, random, focus, width, height } = request;
  const floor = random.between(0.86, 0.9);
  const sweep = sheetOf(request);
  drawSweep(sweep, request, floor);
  const prop = sheetOf(request);
  const kind = random.pick(["arch", "disc", "bare", "fold"] as const);
  const centre = focus * width + random.between(-0.05, 0.05) * prop.unit;
  if (kind === "arch") drawArch(prop, request, { centre, floor: floor * height });
  if (kind === "disc") drawDisc(prop, request, centre);
  if (kind === "fold") drawPaper(prop, request, floor * height);
  const gobo = sheetOf(request);
  if (kind === "bare" || random.chance(0.35)) drawWindowLight(gobo, request);
  const paper = sheetOf(request);
  mottle(paper, {
    frequency: "0.02 0.022",
    octaves: 3,
    seed: random.between(1, 900),
    colour: palette.shade,
    opacity: 0.035,
  });
  return {
    back: [
      { drawing: sweep, scale: 0.5 },
      { drawing: prop },
      { drawing: paper, scale: 0.25 },
      { drawing: gobo, scale: 0.25, blur: 0.012, blend: "soft-light" },
    ],
    floor,
    wallShadow: 0.5,
    light: { colour: palette.light, strength: 0.5 },
    ambient: palette.shade,
    shadow: palette.shade,
    groundShadow: 0.5,
    metal: palette.metal,
  };
}

function drawSweep(drawing: Drawing, { palette, random }: SceneRequest, floor: number): void {
  const { width, height, unit } = drawing;
  const all = { x: 0, y: 0, width, height };
  const wall = drawing.linear([
    [0, darker(palette.wall, 0.1)],
    [floor - 0.28, palette.wall],
    [floor - 0.1, mix(palette.wall, palette.floor, 0.75)],
    [floor - 0.02, palette.floor],
    [1, lighter(palette.floor, 0.1)],
  ]);
  drawing.rect(all, wall);
  const glow = {
    x: width * random.between(0.22, 0.42),
    y: height * random.between(0.22, 0.4),
    radius: Math.max(width, height) * 0.72,
  };
  drawing.rect(
    all,
    drawing.radial(
      [
        [0, palette.light, 0.55],
        [0.45, palette.light, 0.2],
        [1, palette.light, 0],
      ],
      glow,
    ),
  );
  const far = { x: width * 1.08, y: height * 0.95, radius: Math.max(width, height) * 0.95 };
  drawing.rect(
    all,
    drawing.radial(
      [
        [0, palette.shade, 0.3],
        [1, palette.shade, 0],
      ],
      far,
    ),
  );
  drawing.ellipse(
    { x: width * 0.4, y: height * (floor + 0.05), width: unit * 0.75, height: unit * 0.1 },
    drawing.radial([
      [0, "#ffffff", 0.22],
      [1, "#ffffff", 0],
    ]),
  );
}

function drawArch(
  drawing: Drawing,
  { palette, random, distance }: SceneRequest,
  { centre, floor }: { centre: number; floor: number },
): void {
  const { unit, height } = drawing;
  const half = unit * ([0.42, 0.36, 0.3][distance] ?? 0.36);
  const base = floor - unit * 0.012;
  const top = Math.max(height * 0.1, base - half * random.between(2.5, 2.9));
  const shape = (dx: number) =>
    `M${f(centre - half + dx)} ${f(base)}V${f(top + half)}A${f(half)} ${f(half)} 0 0 1 ${f(centre + half + dx)} ${f(top + half)}V${f(base)}Z`;
  const soft = drawing.define(
    (id) =>
      `<filter id="${id}" x="-0.3" y="-0.3" width="1.6" height="1.6"><feGaussianBlur stdDeviation="${f(unit * 0.02)}"/></filter>`,
  );
  drawing.path(shape(unit * 0.03), palette.shade, `opacity="0.28" filter="url(#${soft})"`);
  const side = drawing.linear(
    [
      [0, lighter(palette.panel, 0.2)],
      [0.55, palette.panel],
      [1, darker(palette.panel, 0.14)],
    ],
    20,
  );
  drawing.path(shape(unit * 0.008), darker(palette.panel, 0.25));
  drawing.path(shape(0), side);
}

function drawDisc(
  drawing: Drawing,
  { palette, random, distance }: SceneRequest,
  centre: number,
): void {
  const { unit, height } = drawing;
  const radius = unit * ([0.46, 0.4, 0.34][distance] ?? 0.4);
  const y = height * 0.44;
  const x = centre + unit * random.between(-0.06, 0.06);
  const soft = { x: x + unit * 0.05, y: y + unit * 0.03, radius: radius * 1.12 };
  drawing.circle(
    soft.x,
    soft.y,
    soft.radius,
    drawing.radial([
      [0, palette.shade, 0.34],
      [0.82, palette.shade, 0.26],
      [1, palette.shade, 0],
    ]),
  );
  const face = drawing.linear(
    [
      [0, lighter(palette.panel, 0.22)],
      [0.6, palette.panel],
      [1, darker(palette.panel, 0.12)],
    ],
    35,
  );
  drawing.circle(x, y, radius, face);
}

// A roll of coloured paper that hangs from above and runs out over the floor.
function drawPaper(drawing: Drawing, { palette, focus }: SceneRequest, floor: number): void {
  const { width, height, unit } = drawing;
  const half = unit * 0.44;
  const left = focus * width - half;
  const right = focus * width + half;
  const d = `M${f(left)} 0H${f(right)}V${f(floor - unit * 0.1)}Q${f(right)} ${f(floor)} ${f(right + unit * 0.09)} ${f(height)}H${f(left - unit * 0.09)}Q${f(left)} ${f(floor)} ${f(left)} ${f(floor - unit * 0.1)}Z`;
  const soft = drawing.define(
    (id) =>
      `<filter id="${id}" x="-0.2" y="-0.1" width="1.4" height="1.2"><feGaussianBlur stdDeviation="${f(unit * 0.018)}"/></filter>`,
  );
  drawing.path(
    d,
    palette.shade,
    `opacity="0.3" transform="translate(${f(unit * 0.022)} 0)" filter="url(#${soft})"`,
  );
  const bend = Math.min(0.92, floor / height);
  drawing.path(
    d,
    drawing.linear([
      [0, palette.panel],
      [bend - 0.16, lighter(palette.panel, 0.12)],
      [bend - 0.03, darker(palette.panel, 0.08)],
      [1, lighter(palette.panel, 0.2)],
    ]),
  );
}

function drawWindowLight(drawing: Drawing, { random }: SceneRequest): void {
  const { width, height, unit } = drawing;
  const x = width * random.between(0.02, 0.2);
  const pane = unit * random.between(0.2, 0.26);
  const skew = random.between(-24, -16);
  const at = `transform="translate(${f(x)} ${f(height * 0.1)}) skewY(${f(skew * -0.5)}) skewX(${f(skew)})"`;
  drawing.rect({ x: 0, y: 0, width, height }, "#3a3a3a", 'opacity="0.16"');
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 2; column++) {
      const box = {
        x: unit * 0.28 + column * (pane + unit * 0.03),
        y: row * (pane * 1.15 + unit * 0.03),
        width: pane,
        height: pane * 1.15,
      };
      drawing.rect(box, "#ffffff", `opacity="0.72" ${at}`);
    }
  }
}
