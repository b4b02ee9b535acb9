import { darker, lighter, mix } from "../colour.ts";
import { f, type Drawing } from "../drawing.ts";
import { mottle, sheetOf, type Scene, type SceneRequest } from "./scene.ts";

interface Hour {
  readonly sky: readonly [string, string, string];
  readonly sea: readonly [string, string];
  readonly sand: string;
  readonly sun: string;
  readonly sunY: number;
}

const hours: readonly [Hour, ...Hour[]] = [
  {
    sky: ["#7fb4dc", "#b6d8ea", "#eaf1ec"],
    sea: ["#5fa9b8", "#2f7f9a"],
    sand: "#e6d3b1",
    sun: "#fff6dd",
    sunY: 0.12,
  },
  {
    sky: ["#8fa9d0", "#e9c3b8", "#ffdfae"],
    sea: ["#c9a9a0", "#4f7f98"],
    sand: "#e0c29c",
    sun: "#fff0c4",
    sunY: 0.36,
  },
  {
    sky: ["#6c86b8", "#d99fa6", "#ffc796"],
    sea: ["#d39b8c", "#4b6c8c"],
    sand: "#d6b290",
    sun: "#ffe2a8",
    sunY: 0.4,
  },
];

/** Sky, sea and sand, in full day or at a golden hour. */
export function beachScene(request: SceneRequest): Scene {
  const { random, height, width } = request;
  const hour = random.pick(hours);
  const horizon = [0.42, 0.47, 0.53][request.distance] ?? 0.47;
  const line = horizon + random.between(-0.05, 0.05);
  const shore = line + random.between(0.13, 0.19);
  const far = sheetOf(request);
  drawSky(far, hour, { line, sunX: random.between(0.12, 0.34) });
  drawSea(far, request, hour, { line, shore });
  const sand = sheetOf(request);
  drawSand(sand, request, hour, shore);
  const grain = sheetOf(request);
  const seed = random.between(1, 900);
  const top = Math.min(0.95, shore + 0.03);
  mottle(grain, { frequency: "0.05 0.16", octaves: 3, seed, colour: "#6d4f32", opacity: 0.2, top });
  mottle(grain, {
    frequency: "0.03 0.1",
    octaves: 2,
    seed: seed + 5,
    colour: "#fff6e0",
    opacity: 0.22,
    top,
  });
  const grass = sheetOf(request);
  const side = request.focus > 0.5 ? random.between(0, 0.12) : random.between(0.88, 1);
  drawDuneGrass(grass, request, { x: side * width, ground: height * 1.02 });
  const flare = sheetOf(request);
  drawFlare(flare, hour);
  return {
    back: [
      { drawing: far, scale: 0.5, blur: [0.009, 0.006, 0.004][request.distance] ?? 0.006 },
      { drawing: sand, scale: 0.5, blur: 0.004 },
      { drawing: grain, scale: 0.5, blur: 0.0015, blend: "soft-light" },
      { drawing: grass, scale: 0.5, blur: 0.006 },
    ],
    over: [{ drawing: flare, scale: 0.25, blend: "screen" }],
    floor: random.between(0.87, 0.9),
    wallShadow: 0,
    light: { colour: hour.sun, strength: 0.65 },
    ambient: mix(hour.sea[1], "#1c2430", 0.4),
    shadow: "#4a3626",
    groundShadow: 0.6,
    metal: mix(request.palette.metal, "#b8926a", 0.35),
  };
}

function drawSky(drawing: Drawing, hour: Hour, at: { line: number; sunX: number }): void {
  const { width, height, unit } = drawing;
  const [high, middle, low] = hour.sky;
  drawing.rect(
    { x: 0, y: 0, width, height: height * (at.line + 0.01) },
    drawing.linear([
      [0, high],
      [0.6, middle],
      [1, low],
    ]),
  );
  const sun = { x: width * at.sunX, y: height * Math.min(hour.sunY, at.line - 0.05) };
  drawing.rect(
    { x: 0, y: 0, width, height: height * at.line },
    drawing.radial(
      [
        [0, hour.sun, 1],
        [0.05, hour.sun, 0.95],
        [0.09, hour.sun, 0.6],
        [0.4, hour.sun, 0.22],
        [1, hour.sun, 0],
      ],
      { ...sun, radius: unit * 0.8 },
    ),
  );
  for (let i = 0; i < 5; i++) {
    const y = height * at.line * (0.25 + 0.13 * i);
    const cloud = drawing.radial([
      [0, "#ffffff", 0.34],
      [1, "#ffffff", 0],
    ]);
    drawing.ellipse(
      { x: width * ((0.31 * i + at.sunX * 3) % 1.1), y, width: unit * 0.42, height: unit * 0.022 },
      cloud,
    );
  }
}

function drawSea(
  drawing: Drawing,
  { random }: SceneRequest,
  hour: Hour,
  { line, shore }: { line: number; shore: number },
): void {
  const { width, height, unit } = drawing;
  const top = height * line;
  const deep = height * (shore - line);
  drawing.rect(
    { x: 0, y: top, width, height: height - top },
    drawing.linear([
      [0, darker(hour.sea[1], 0.08)],
      [0.22, hour.sea[1]],
      [0.5, mix(hour.sea[0], hour.sea[1], 0.3)],
      [1, hour.sea[0]],
    ]),
  );
  for (let i = 0; i < 130; i++) {
    const share = random.between(0, 1) ** 1.6;
    const wide = unit * (0.015 + 0.12 * share) * random.between(0.4, 1.4);
    const glint = random.chance(0.6);
    drawing.ellipse(
      {
        x: random.between(0, 1) * width,
        y: top + deep * (0.04 + 0.9 * share),
        width: wide,
        height: unit * (0.0009 + 0.0032 * share),
      },
      glint ? hour.sun : darker(hour.sea[1], 0.3),
      `opacity="${f(random.between(0.15, glint ? 0.6 : 0.35))}"`,
    );
  }
}

function drawSand(drawing: Drawing, { random }: SceneRequest, hour: Hour, shore: number): void {
  const { width, height, unit } = drawing;
  const y = (x: number, shift: number) =>
    height * shore + shift + Math.sin(x * 5 + shift) * unit * 0.012 + x * unit * 0.04;
  const edge = (shift: number) => {
    const points = Array.from({ length: 13 }, (_, i) => {
      const x = i / 12;
      return `${f(x * width)} ${f(y(x, shift))}`;
    });
    return `M0 ${f(height * 2)}L${points.join("L")}L${f(width)} ${f(height * 2)}Z`;
  };
  const wet = mix(hour.sand, hour.sea[1], 0.42);
  drawing.path(edge(-unit * 0.012), "#ffffff", 'opacity="0.85"');
  drawing.path(edge(unit * random.between(0, 0.006)), lighter(wet, 0.25));
  drawing.path(edge(unit * 0.012), wet);
  const dry = drawing.linear([
    [0, mix(wet, hour.sand, 0.25)],
    [0.06, mix(wet, hour.sand, 0.8)],
    [0.2, lighter(hour.sand, 0.14)],
    [0.45, darker(hour.sand, 0.1)],
  ]);
  drawing.path(edge(unit * 0.06), dry);
}

function drawDuneGrass(
  drawing: Drawing,
  { random }: SceneRequest,
  { x, ground }: { x: number; ground: number },
): void {
  const { unit } = drawing;
  for (let i = 0; i < 42; i++) {
    const from = x + unit * random.between(-0.12, 0.12);
    const lean = unit * random.between(-0.14, 0.16);
    const high = unit * random.between(0.14, 0.4);
    const colour = random.pick(["#a5986a", "#8d8a5a", "#c2b184", "#767d55"]);
    drawing.path(
      `M${f(from)} ${f(ground)}Q${f(from + lean * 0.2)} ${f(ground - high * 0.7)} ${f(from + lean)} ${f(ground - high)}`,
      "none",
      `stroke="${colour}" stroke-width="${f(unit * 0.0042)}" stroke-linecap="round" opacity="0.9"`,
    );
  }
}

function drawFlare(drawing: Drawing, hour: Hour): void {
  const { width, height } = drawing;
  const glow = drawing.radial(
    [
      [0, hour.sun, 0.3],
      [0.5, hour.sun, 0.08],
      [1, hour.sun, 0],
    ],
    { x: 0, y: 0, radius: Math.max(width, height) * 0.9 },
  );
  drawing.rect({ x: 0, y: 0, width, height }, glow);
}
