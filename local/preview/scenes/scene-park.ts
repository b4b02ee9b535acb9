import { darker, lighter } from "../colour.ts";
import { f, type Drawing } from "../drawing.ts";
import { drawLeafShadow } from "./plants.ts";
import { bokeh, mottle, sheetOf, type Scene, type SceneRequest } from "./scene.ts";

interface Season {
  readonly high: string;
  readonly low: string;
  readonly leaves: readonly [string, ...string[]];
  readonly lights: readonly [string, ...string[]];
  readonly grass: string;
  readonly sun: string;
}

const seasons: readonly [Season, ...Season[]] = [
  {
    high: "#2f5a34",
    low: "#a9c77c",
    leaves: ["#3c6b37", "#5d8f45", "#2c5230", "#87ad58", "#47793c"],
    lights: ["#fdf6c4", "#eaf5b5", "#d8ee9d"],
    grass: "#7c9a4f",
    sun: "#fff3c9",
  },
  {
    high: "#56602f",
    low: "#e3c36f",
    leaves: ["#8a8134", "#c08a35", "#5f6a33", "#d9a94b", "#a3602e"],
    lights: ["#fff0bd", "#ffdf95", "#fbe9ae"],
    grass: "#a29a55",
    sun: "#ffe6ad",
  },
  {
    high: "#3d6f63",
    low: "#c6dcb0",
    leaves: ["#4e8069", "#77a57c", "#39655a", "#a6c795", "#5e9170"],
    lights: ["#ffffff", "#eefbe0", "#f5f3cf"],
    grass: "#8fae6d",
    sun: "#fffbe6",
  },
];

/** Trees far out of focus, sun through the leaves, a lawn with dappled light. */
export function parkScene(request: SceneRequest): Scene {
  const { random, width, height, distance } = request;
  const season = random.pick(seasons);
  const line = ([0.7, 0.66, 0.62][distance] ?? 0.66) + random.between(-0.03, 0.03);
  const far = sheetOf(request);
  drawFoliage(far, request, season, line);
  const trunks = sheetOf(request);
  drawTrunks(trunks, request, season, line);
  const lawn = sheetOf(request);
  drawLawn(lawn, request, season, line);
  const blades = sheetOf(request);
  const seed = random.between(1, 900);
  mottle(blades, {
    frequency: "0.09 0.2",
    octaves: 3,
    seed,
    colour: "#22381a",
    opacity: 0.4,
    top: line,
  });
  mottle(blades, {
    frequency: "0.05 0.11",
    octaves: 2,
    seed: seed + 9,
    colour: season.sun,
    opacity: 0.3,
    top: line,
  });
  const lights = sheetOf(request);
  const { lights: colours } = season;
  bokeh(lights, random, {
    count: 42,
    colours,
    radius: [0.012, 0.05],
    top: 0.02,
    bottom: line,
    opacity: 0.42,
  });
  const dapple = sheetOf(request);
  dapple.rect({ x: 0, y: 0, width, height }, "#ffffff");
  drawLeafShadow(dapple, random, { x: width * random.between(0.02, 0.2), y: -height * 0.02 });
  return {
    back: [
      { drawing: far, scale: 0.25, blur: 0.022 },
      { drawing: trunks, scale: 0.25, blur: 0.011 },
      { drawing: lawn, scale: 0.25, blur: 0.008 },
      { drawing: blades, scale: 0.5, blur: 0.002, blend: "soft-light" },
      { drawing: lights, scale: 0.5, blur: 0.0025, blend: "screen" },
    ],
    over: [{ drawing: dapple, scale: 0.25, blur: 0.022, blend: "multiply" }],
    floor: random.between(0.88, 0.91),
    wallShadow: 0,
    light: { colour: season.sun, strength: 0.7 },
    ambient: "#1f3320",
    shadow: "#1a2412",
    groundShadow: 0.7,
    metal: request.palette.metal,
  };
}

function drawFoliage(
  drawing: Drawing,
  { random }: SceneRequest,
  season: Season,
  line: number,
): void {
  const { width, height, unit } = drawing;
  drawing.rect(
    { x: 0, y: 0, width, height },
    drawing.linear([
      [0, season.high],
      [line - 0.14, season.low],
      [line, darker(season.low, 0.3)],
      [1, season.grass],
    ]),
  );
  for (let i = 0; i < 120; i++) {
    const share = random.between(0, 1);
    const colour = random.pick(season.leaves);
    const radius = unit * random.between(0.04, 0.13);
    const at = { x: random.between(-0.1, 1.1) * width, y: share * line * height };
    const tone =
      share < 0.5
        ? darker(colour, random.between(0, 0.3))
        : lighter(colour, random.between(0, 0.25));
    const opacity = f(random.between(0.35, 0.8));
    drawing.ellipse({ ...at, width: radius, height: radius }, tone, `opacity="${opacity}"`);
  }
  const sun = { x: width * random.between(0.05, 0.3), y: height * random.between(0.02, 0.2) };
  drawing.rect(
    { x: 0, y: 0, width, height },
    drawing.radial(
      [
        [0, season.sun, 0.9],
        [0.3, season.sun, 0.42],
        [1, season.sun, 0],
      ],
      { ...sun, radius: unit * 0.85 },
    ),
  );
}

function drawTrunks(
  drawing: Drawing,
  { random, focus }: SceneRequest,
  season: Season,
  line: number,
): void {
  const { width, height, unit } = drawing;
  const ground = (line + 0.03) * height;
  const shares = focus > 0.5 ? [0.06, 0.2, 0.34, 0.9] : [0.94, 0.8, 0.66, 0.1];
  for (const [i, share] of shares.entries()) {
    const wide = unit * ([0.075, 0.03, 0.02, 0.028][i] ?? 0.03) * random.between(0.8, 1.2);
    const x = width * (share + random.between(-0.03, 0.03));
    const bark = darker(random.pick(season.leaves), 0.62);
    drawing.path(
      `M${f(x - wide)} ${f(ground)}Q${f(x - wide * 0.6)} ${f(ground * 0.6)} ${f(x - wide * 0.8)} 0H${f(x + wide * 0.6)}Q${f(x + wide * 0.5)} ${f(ground * 0.6)} ${f(x + wide * 1.1)} ${f(ground)}Z`,
      drawing.linear(
        [
          [0, lighter(bark, 0.3)],
          [0.5, bark],
          [1, darker(bark, 0.4)],
        ],
        0,
      ),
      'opacity="0.82"',
    );
  }
}

function drawLawn(drawing: Drawing, { random }: SceneRequest, season: Season, line: number): void {
  const { width, height, unit } = drawing;
  const top = height * line;
  drawing.rect(
    { x: 0, y: top, width, height: height - top },
    drawing.linear([
      [0, darker(season.grass, 0.25), 0],
      [0.12, darker(season.grass, 0.12)],
      [0.4, lighter(season.grass, 0.12)],
      [1, darker(season.grass, 0.3)],
    ]),
  );
  for (let i = 0; i < 22; i++) {
    const share = random.between(0.08, 1);
    const patch = {
      x: random.between(0, 1) * width,
      y: top + share * (height - top),
      width: unit * (0.05 + 0.16 * share),
      height: unit * (0.008 + 0.022 * share),
    };
    const bright = random.chance(0.6);
    drawing.ellipse(patch, bright ? season.sun : "#16240f", `opacity="${bright ? 0.34 : 0.22}"`);
  }
}
