import { darker, lighter, mix } from "../colour.ts";
import { f, type Drawing } from "../drawing.ts";
import { drawLeafShadow, drawPampas, drawPlant } from "./plants.ts";
import { mottle, sheetOf, type Scene, type SceneRequest } from "./scene.ts";

/** A quiet room: plaster, an arched niche or a doorway, a wooden floor, a plant and its shadow. */
export function homeScene(request: SceneRequest): Scene {
  const { palette, random, width, height } = request;
  const floor = random.between(0.87, 0.9);
  const skirting = floor - random.between(0.07, 0.1);
  const room = sheetOf(request);
  drawRoom(room, request, skirting);
  const plaster = sheetOf(request);
  const seed = random.between(1, 900);
  mottle(plaster, { frequency: "0.03 0.024", octaves: 4, seed, colour: "#ffffff", opacity: 0.1 });
  mottle(plaster, {
    frequency: "0.016 0.02",
    octaves: 3,
    seed: seed + 3,
    colour: palette.shade,
    opacity: 0.06,
  });
  const things = sheetOf(request);
  drawArchNiche(things, request, skirting * height);
  drawFloor(things, request, skirting * height);
  const plants = sheetOf(request);
  const x = width * (request.focus > 0.5 ? random.between(0.08, 0.16) : random.between(0.84, 0.92));
  const ground = height * (floor - 0.005);
  if (random.chance(0.5)) drawPampas(plants, random, { x, ground, vase: palette.accent });
  else drawPlant(plants, random, { x, ground, pot: lighter(palette.panel, 0.25) });
  const leaves = sheetOf(request);
  drawLeafShadow(leaves, random, { x: width * 0.1, y: height * 0.02 });
  drawSunPatch(leaves, request);
  return {
    back: [
      { drawing: room, scale: 0.5 },
      { drawing: plaster, scale: 0.25 },
      { drawing: things, blur: 0.0014 },
      { drawing: plants, blur: 0.0022 },
    ],
    over: [{ drawing: leaves, scale: 0.25, blur: 0.014, blend: "multiply" }],
    floor,
    wallShadow: 0.52,
    light: { colour: palette.light, strength: 0.55 },
    ambient: palette.shade,
    shadow: mix(palette.shade, "#3a2413", 0.4),
    groundShadow: 0.5,
    metal: palette.metal,
  };
}

function drawRoom(drawing: Drawing, { palette }: SceneRequest, skirting: number): void {
  const { width, height } = drawing;
  const all = { x: 0, y: 0, width, height };
  drawing.rect(
    all,
    drawing.linear(
      [
        [0, lighter(palette.wall, 0.22)],
        [0.5, palette.wall],
        [1, darker(palette.wall, 0.2)],
      ],
      12,
    ),
  );
  drawing.rect(
    { x: 0, y: height * (skirting - 0.2), width, height: height * 0.2 },
    drawing.linear([
      [0, palette.shade, 0],
      [1, palette.shade, 0.16],
    ]),
  );
}

function drawArchNiche(drawing: Drawing, request: SceneRequest, ground: number): void {
  const { random, palette, focus } = request;
  const { width, height, unit } = drawing;
  const half = unit * random.between(0.17, 0.22);
  const x = width * (focus > 0.5 ? random.between(0.2, 0.3) : random.between(0.68, 0.78));
  const low = random.chance(0.55) ? ground : ground - unit * 0.2;
  const top = Math.max(height * 0.12, low - half * random.between(3.2, 3.9));
  const arch = (dx: number, grow: number) =>
    `M${f(x - half - grow + dx)} ${f(low)}V${f(top + half)}A${f(half + grow)} ${f(half + grow)} 0 0 1 ${f(x + half + grow + dx)} ${f(top + half)}V${f(low)}Z`;
  const depth = unit * 0.035;
  drawing.path(
    arch(0, 0),
    drawing.linear(
      [
        [0, darker(palette.wall, 0.52)],
        [0.22, darker(palette.wall, 0.34)],
        [1, darker(palette.wall, 0.16)],
      ],
      8,
    ),
  );
  const clip = drawing.define((id) => `<clipPath id="${id}"><path d="${arch(0, 0)}"/></clipPath>`);
  drawing.path(
    arch(depth, -depth * 0.1),
    drawing.linear(
      [
        [0, darker(palette.panel, 0.2)],
        [1, lighter(palette.panel, 0.12)],
      ],
      15,
    ),
    `clip-path="url(#${clip})"`,
  );
  drawing.path(
    arch(0, 0),
    "none",
    `stroke="#fff" stroke-opacity="0.2" stroke-width="${f(unit * 0.003)}"`,
  );
}

function drawFloor(drawing: Drawing, { random, palette }: SceneRequest, ground: number): void {
  const { width, height, unit } = drawing;
  const wood = mix(palette.wallIsDark ? "#7c5a3d" : "#c09a6e", palette.floor, 0.35);
  const board = unit * 0.018;
  drawing.rect(
    { x: 0, y: ground - board, width, height: board },
    drawing.linear([
      [0, lighter(palette.wall, 0.4)],
      [1, lighter(palette.wall, 0.12)],
    ]),
  );
  drawing.rect(
    { x: 0, y: ground, width, height: height - ground },
    drawing.linear([
      [0, darker(wood, 0.42)],
      [0.25, darker(wood, 0.12)],
      [1, lighter(wood, 0.1)],
    ]),
  );
  const from = { x: width * 0.4, y: ground - unit * 0.5 };
  for (let i = -14; i < 26; i++) {
    const bottom = (i / 12) * width;
    const share = (ground - from.y) / (height - from.y);
    const top = from.x + (bottom - from.x) * share;
    drawing.path(
      `M${f(top)} ${f(ground)}L${f(bottom)} ${f(height)}`,
      "none",
      `stroke="${darker(wood, 0.6)}" stroke-opacity="${f(random.between(0.12, 0.3))}" stroke-width="${f(unit * 0.0022)}"`,
    );
  }
}

// White leaves the picture as it is (the layer multiplies); the patch is where the sun comes through.
function drawSunPatch(drawing: Drawing, { random }: SceneRequest): void {
  const { width, height } = drawing;
  const lit = drawing.linear(
    [
      [0, "#ffffff", 0],
      [0.62, "#ffffff", 0],
      [1, "#b9a79a", 0.42],
    ],
    random.between(10, 40),
  );
  drawing.rect({ x: 0, y: 0, width, height }, lit);
}
