import { darker, hex, lighter, mix } from "../colour.ts";
import { f, type Drawing } from "../drawing.ts";
import { bokeh, mottle, sheetOf, type Scene, type SceneRequest } from "./scene.ts";

const woods: readonly [string, ...string[]] = ["#8a5f3c", "#6f4a30", "#a3754a"];

/** A warm corner: daylight from a tall window, a shelf with cups and jars, lamps, a wooden floor. */
export function cafeScene(request: SceneRequest): Scene {
  const { random, palette, width, height } = request;
  const floor = random.between(0.87, 0.9);
  const ground = height * (floor - random.between(0.08, 0.11));
  const wood = random.pick(woods);
  const wallHue = random.pick([40, 55, 70, 140]);
  const plaster = hex({ l: palette.wallIsDark ? 0.5 : 0.8, c: 0.05, h: wallHue });
  const wall = mix(plaster, palette.wall, 0.35);
  const room = sheetOf(request);
  drawWall(room, { wall, wood, ground });
  const texture = sheetOf(request);
  const seed = random.between(1, 900);
  mottle(texture, { frequency: "0.03 0.03", octaves: 3, seed, colour: "#fff4e0", opacity: 0.09 });
  const window = sheetOf(request);
  drawWindow(window, request, ground);
  const shelf = sheetOf(request);
  const shelfX = request.focus > 0.5 ? random.between(0.3, 0.42) : random.between(0.78, 0.92);
  drawShelves(shelf, request, { x: shelfX * width, wood });
  const lamps = sheetOf(request);
  drawLamps(lamps, request);
  const lights = sheetOf(request);
  bokeh(lights, random, {
    count: 9,
    colours: ["#ffd694", "#ffe9c4", "#ffc070"],
    radius: [0.012, 0.03],
    top: 0.04,
    bottom: 0.32,
    opacity: 0.32,
  });
  const warm = sheetOf(request);
  drawWarmth(warm);
  const blur = [0.011, 0.0075, 0.005][request.distance] ?? 0.0075;
  return {
    back: [
      { drawing: room, scale: 0.5, blur: 0.003 },
      { drawing: texture, scale: 0.25 },
      { drawing: shelf, scale: 0.5, blur: blur * 0.7 },
      { drawing: window, scale: 0.5, blur },
      { drawing: lamps, scale: 0.5, blur: blur * 0.6 },
      { drawing: lights, scale: 0.5, blur: 0.002, blend: "screen" },
    ],
    over: [{ drawing: warm, scale: 0.25, blend: "soft-light" }],
    floor,
    wallShadow: 0.42,
    light: { colour: "#ffe3b5", strength: 0.7 },
    ambient: "#3a2415",
    shadow: "#2a1a10",
    groundShadow: 0.6,
    metal: mix(palette.metal, "#3a2d22", 0.35),
  };
}

function drawWall(
  drawing: Drawing,
  { wall, wood, ground }: { wall: string; wood: string; ground: number },
): void {
  const { width, height, unit } = drawing;
  drawing.rect(
    { x: 0, y: 0, width, height },
    drawing.linear(
      [
        [0, lighter(wall, 0.25)],
        [0.4, wall],
        [1, darker(wall, 0.42)],
      ],
      14,
    ),
  );
  const panel = unit * 0.24;
  drawing.rect(
    { x: 0, y: ground - panel, width, height: panel },
    drawing.linear(
      [
        [0, mix(wood, wall, 0.25)],
        [1, darker(wood, 0.45)],
      ],
      10,
    ),
  );
  for (let x = unit * 0.05; x < width; x += unit * 0.075) {
    drawing.rect(
      { x, y: ground - panel, width: unit * 0.0035, height: panel },
      "#1d0f06",
      'opacity="0.3"',
    );
  }
  drawing.rect(
    { x: 0, y: ground - panel - unit * 0.012, width, height: unit * 0.014 },
    lighter(wood, 0.25),
  );
  drawing.rect(
    { x: 0, y: ground, width, height: height - ground },
    drawing.linear([
      [0, darker(wood, 0.55)],
      [0.3, darker(wood, 0.28)],
      [1, lighter(wood, 0.05)],
    ]),
  );
  for (let i = -10; i < 24; i++) {
    const bottom = (i / 10) * width;
    const top = width * 0.45 + (bottom - width * 0.45) * 0.72;
    drawing.path(
      `M${f(top)} ${f(ground)}L${f(bottom)} ${f(height)}`,
      "none",
      `stroke="#150a04" stroke-opacity="0.26" stroke-width="${f(unit * 0.003)}"`,
    );
  }
}

function drawWindow(drawing: Drawing, { random }: SceneRequest, ground: number): void {
  const { width, height, unit } = drawing;
  const wide = unit * random.between(0.34, 0.44);
  const left = -unit * random.between(0.02, 0.14);
  const top = height * random.between(0.02, 0.08);
  const high = ground - unit * 0.3 - top;
  if (high < unit * 0.1) return;
  const frame = "#3a2b20";
  const bar = unit * 0.013;
  drawing.rect(
    { x: left - bar, y: top - bar, width: wide + bar * 2, height: high + bar * 2 },
    frame,
  );
  drawing.rect(
    { x: left, y: top, width: wide, height: high },
    drawing.linear([
      [0, "#fffdf4"],
      [0.5, "#f6f1da"],
      [1, "#cfdab5"],
    ]),
  );
  for (let i = 0; i < 14; i++) {
    const green = random.pick(["#a8c08a", "#c6d6a4", "#8fae7a", "#e3e6b8"]);
    const radius = unit * random.between(0.015, 0.045);
    const at = {
      x: left + wide * random.between(0.06, 0.94),
      y: top + high * random.between(0.45, 0.94),
    };
    drawing.ellipse({ ...at, width: radius, height: radius }, green, 'opacity="0.5"');
  }
  for (const share of [1 / 3, 2 / 3]) {
    drawing.rect(
      { x: left + wide * share - bar * 0.35, y: top, width: bar * 0.7, height: high },
      frame,
    );
    drawing.rect(
      { x: left, y: top + high * share - bar * 0.35, width: wide, height: bar * 0.7 },
      frame,
    );
  }
  const glow = drawing.radial(
    [
      [0, "#fff3d2", 0.55],
      [0.5, "#ffe9bd", 0.2],
      [1, "#ffe9bd", 0],
    ],
    { x: left + wide * 0.5, y: top + high * 0.5, radius: Math.max(wide, high) * 1.25 },
  );
  drawing.rect({ x: 0, y: 0, width, height }, glow);
}

function drawShelves(
  drawing: Drawing,
  { random, palette }: SceneRequest,
  { x, wood }: { x: number; wood: string },
): void {
  const { height, unit } = drawing;
  const half = unit * random.between(0.2, 0.26);
  for (const share of [0.2, 0.36, 0.52]) {
    const y = height * share;
    const board = unit * 0.016;
    drawing.rect(
      { x: x - half, y: y + board, width: half * 2, height: unit * 0.035 },
      "#140a04",
      'opacity="0.22"',
    );
    let at = x - half + unit * 0.03;
    while (at < x + half - unit * 0.05) {
      const wide = unit * random.between(0.022, 0.05);
      const high = wide * random.between(0.75, 2.3);
      const colour = random.pick([
        palette.accent,
        "#efe6d6",
        "#c9b08b",
        "#7d4f35",
        "#56654a",
        "#f7f2e8",
      ]);
      const side = drawing.linear(
        [
          [0, lighter(colour, 0.35)],
          [0.5, colour],
          [1, darker(colour, 0.4)],
        ],
        0,
      );
      drawing.rect(
        { x: at, y: y - high, width: wide, height: high },
        side,
        `rx="${f(wide * 0.16)}"`,
      );
      if (high > wide * 1.5) {
        const neck = {
          x: at + wide * 0.32,
          y: y - high * 1.22,
          width: wide * 0.36,
          height: high * 0.26,
        };
        drawing.rect(neck, side, `rx="${f(wide * 0.1)}"`);
      }
      at += wide + unit * random.between(0.006, 0.035);
    }
    drawing.rect(
      { x: x - half, y, width: half * 2, height: board },
      drawing.linear([
        [0, lighter(wood, 0.3)],
        [1, darker(wood, 0.35)],
      ]),
    );
  }
}

function drawLamps(drawing: Drawing, { random, focus }: SceneRequest): void {
  const { width, height, unit } = drawing;
  const start = focus > 0.5 ? 0.1 : 0.6;
  for (let i = 0; i < 2; i++) {
    const x = width * (start + 0.2 * i + random.between(-0.02, 0.02));
    const y = height * random.between(0.1, 0.19);
    const r = unit * 0.045;
    drawing.rect({ x: x - unit * 0.0014, y: 0, width: unit * 0.0028, height: y - r }, "#1f1712");
    const glow = drawing.radial([
      [0, "#ffe2a6", 0.85],
      [0.3, "#ffce7d", 0.35],
      [1, "#ffb95a", 0],
    ]);
    drawing.circle(x, y + r * 0.3, r * 3.6, glow);
    const shade = `M${f(x - r * 1.1)} ${f(y)}Q${f(x - r)} ${f(y - r * 1.2)} ${f(x)} ${f(y - r * 1.2)}Q${f(x + r)} ${f(y - r * 1.2)} ${f(x + r * 1.1)} ${f(y)}Z`;
    drawing.path(shade, "#2d241d");
    drawing.ellipse({ x, y, width: r * 0.85, height: r * 0.26 }, "#fff4d4");
  }
}

function drawWarmth(drawing: Drawing): void {
  const { width, height } = drawing;
  const glow = drawing.radial(
    [
      [0, "#ffe0a8", 0.5],
      [0.55, "#ffd08a", 0.14],
      [1, "#3a1d08", 0.22],
    ],
    { x: 0, y: height * 0.3, radius: Math.max(width, height) * 1.15 },
  );
  drawing.rect({ x: 0, y: 0, width, height }, glow);
}
