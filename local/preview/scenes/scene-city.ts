import { darker, lighter, mix } from "../colour.ts";
import { duskMoods, nightMoods, type CityMood as Mood } from "./city-moods.ts";
import { f, type Drawing } from "../drawing.ts";
import { bokeh, mottle, sheetOf, type Scene, type SceneRequest } from "./scene.ts";

/** A street at dusk: buildings out of focus, lamps, wet ground. */
export function streetScene(request: SceneRequest): Scene {
  return cityScene(request, request.random.pick(duskMoods), false);
}

/** The city at night: skyline, neon, deep reflections. */
export function cityNightScene(request: SceneRequest): Scene {
  return cityScene(request, request.random.pick(nightMoods), true);
}

function cityScene(request: SceneRequest, mood: Mood, dark: boolean): Scene {
  const { random, distance } = request;
  const line = ([0.72, 0.68, 0.64][distance] ?? 0.68) + random.between(-0.03, 0.03);
  const far = sheetOf(request);
  drawBuildings(far, request, mood, line);
  const road = sheetOf(request);
  drawRoad(road, request, mood, line);
  const asphalt = sheetOf(request);
  const seed = random.between(1, 900);
  mottle(asphalt, {
    frequency: "0.12 0.3",
    octaves: 2,
    seed,
    colour: "#ffffff",
    opacity: 0.3,
    top: line,
  });
  mottle(asphalt, {
    frequency: "0.03 0.07",
    octaves: 2,
    seed: seed + 7,
    colour: "#000000",
    opacity: 0.2,
    top: line,
  });
  const neon = sheetOf(request);
  if (dark) drawNeon(neon, request, mood, line);
  const lights = sheetOf(request);
  const { lights: colours } = mood;
  const opacity = dark ? 0.62 : 0.5;
  bokeh(lights, random, {
    count: dark ? 30 : 22,
    colours,
    radius: [0.014, 0.052],
    top: line - 0.34,
    bottom: line - 0.01,
    opacity,
  });
  bokeh(lights, random, {
    count: 7,
    colours,
    radius: [0.05, 0.085],
    top: line - 0.5,
    bottom: line - 0.1,
    opacity: opacity * 0.45,
  });
  const halo = sheetOf(request);
  drawHalo(halo, request, mood, dark ? 0.8 : 0.26);
  if (!dark) drawShops(road, request, mood, line);
  const glow = sheetOf(request);
  drawKeyLight(glow, mood, dark);
  return {
    back: [
      { drawing: far, scale: 0.25, blur: [0.016, 0.012, 0.009][distance] ?? 0.012 },
      { drawing: road, scale: 0.25, blur: 0.008 },
      { drawing: asphalt, scale: 0.5, blur: 0.0016, blend: "soft-light" },
      { drawing: neon, scale: 0.5, blur: 0.004, blend: "screen" },
      { drawing: lights, scale: 0.5, blur: 0.0022, blend: "screen" },
      { drawing: halo, scale: 0.25, blend: "screen" },
    ],
    over: [{ drawing: glow, scale: 0.25, blend: "soft-light" }],
    floor: random.between(0.88, 0.91),
    wallShadow: 0,
    light: { colour: mood.light, strength: dark ? 0.85 : 0.65 },
    ambient: dark ? mood.sky[0] : darker(mood.sky[0], 0.4),
    shadow: "#07070d",
    groundShadow: 0.75,
    metal: dark ? mix(request.palette.metal, "#8f94a6", 0.55) : request.palette.metal,
  };
}

function drawBuildings(drawing: Drawing, { random }: SceneRequest, mood: Mood, line: number): void {
  const { width, height, unit } = drawing;
  const ground = line * height;
  const [high, middle, low] = mood.sky;
  drawing.rect(
    { x: 0, y: 0, width, height },
    drawing.linear([
      [0, high],
      [line * 0.55, middle],
      [line, low],
    ]),
  );
  const vanish = width * random.between(0.36, 0.62);
  for (let row = 0; row < 3; row++) {
    const step = unit * ([0.12, 0.19, 0.3][row] ?? 0.2);
    for (let x = -step; x < width + step; x += step * random.between(0.85, 1.2)) {
      const away = Math.min(1, Math.abs(x + step / 2 - vanish) / (width * 0.6));
      if (away < ([0, 0.22, 0.62][row] ?? 0)) continue;
      const tall = height * (0.16 + 0.62 * away ** 1.3) * random.between(0.75, 1.12);
      const haze = mix(random.pick(mood.walls), low, 0.5 - 0.22 * row);
      drawBlock(drawing, { x, y: ground - tall, width: step, height: tall }, haze, {
        random,
        mood,
      });
    }
  }
}

function drawBlock(
  drawing: Drawing,
  box: { x: number; y: number; width: number; height: number },
  colour: string,
  { random, mood }: { random: SceneRequest["random"]; mood: Mood },
): void {
  drawing.rect(
    box,
    drawing.linear(
      [
        [0, lighter(colour, 0.14)],
        [1, darker(colour, 0.24)],
      ],
      40,
    ),
  );
  const columns = 4;
  const cell = box.width / columns;
  for (let row = 1; row * cell * 1.3 < box.height - cell; row++) {
    for (let column = 0; column < columns; column++) {
      if (random.chance(0.52)) continue;
      drawing.rect(
        {
          x: box.x + cell * (column + 0.24),
          y: box.y + row * cell * 1.3,
          width: cell * 0.52,
          height: cell * 0.76,
        },
        random.pick(mood.windows),
        `opacity="${f(random.between(0.2, 0.9))}"`,
      );
    }
  }
}

function drawRoad(drawing: Drawing, { random }: SceneRequest, mood: Mood, line: number): void {
  const { width, height, unit } = drawing;
  const top = line * height;
  drawing.rect(
    { x: 0, y: top, width, height: height - top },
    drawing.linear([
      [0, mix(mood.road, mood.sky[2], 0.5)],
      [0.25, mix(mood.road, mood.sky[2], 0.18)],
      [1, darker(mood.road, 0.35)],
    ]),
  );
  for (let i = 0; i < 34; i++) {
    const colour = random.pick(mood.lights);
    const long = (height - top) * random.between(0.25, 0.95);
    drawing.ellipse(
      {
        x: random.between(0, 1) * width,
        y: top + long * 0.5,
        width: unit * random.between(0.008, 0.03),
        height: long * 0.52,
      },
      drawing.linear([
        [0, colour, random.between(0.3, 0.75)],
        [1, colour, 0],
      ]),
    );
  }
}

function drawNeon(
  drawing: Drawing,
  { random, focus }: SceneRequest,
  mood: Mood,
  line: number,
): void {
  const { width, height, unit } = drawing;
  for (let i = 0; i < 5; i++) {
    const near = random.between(0.02, 0.44);
    const x = width * (focus > 0.5 ? near : 1 - near);
    const y = height * random.between(0.1, line - 0.22);
    const size = unit * random.between(0.06, 0.17);
    const d = random.pick([
      `M${f(x)} ${f(y)}v${f(size * 1.6)}`,
      `M${f(x - size * 0.4)} ${f(y)}h${f(size * 0.8)}M${f(x - size * 0.4)} ${f(y + unit * 0.018)}h${f(size * 0.5)}`,
      `M${f(x - size * 0.4)} ${f(y)}a${f(size * 0.4)} ${f(size * 0.4)} 0 1 1 0 0.1`,
      `M${f(x)} ${f(y)}l${f(size * 0.3)} ${f(size * 0.5)}l${f(-size * 0.3)} ${f(size * 0.5)}`,
    ]);
    const colour = random.pick(mood.lights);
    for (const [thick, opacity] of [
      [0.03, 0.16],
      [0.013, 0.42],
      [0.005, 1],
    ] as const) {
      const tone = thick < 0.01 ? lighter(colour, 0.6) : colour;
      drawing.path(
        d,
        "none",
        `stroke="${tone}" stroke-opacity="${opacity}" stroke-width="${f(unit * thick)}" stroke-linecap="round" stroke-linejoin="round"`,
      );
    }
  }
}

// Shop windows at both sides, running towards the middle, and kerbs that lead the eye there.
function drawShops(drawing: Drawing, { random }: SceneRequest, mood: Mood, line: number): void {
  const { width, height, unit } = drawing;
  const ground = line * height;
  const vanish = width * random.between(0.44, 0.56);
  for (const side of [0, 1]) {
    const from = side * width;
    for (let i = 0; i < 4; i++) {
      const [near, far] = [i * 0.2 + 0.02, i * 0.2 + 0.17].map((share) => share ** 0.85);
      const at = (share: number) => from + (vanish - from) * share;
      const high = (share: number) => unit * 0.3 * (1 - share) + unit * 0.03;
      const low = (share: number) => ground + unit * 0.07 * (1 - share);
      if (near === undefined || far === undefined) continue;
      const d = (grow: number) =>
        `M${f(at(near))} ${f(low(near) - high(near) * grow)}L${f(at(far))} ${f(low(far) - high(far) * grow)}L${f(at(far))} ${f(low(far))}L${f(at(near))} ${f(low(near))}Z`;
      drawing.path(d(1.2), darker(random.pick(mood.walls), 0.3));
      const lit = drawing.linear([
        [0, lighter(random.pick(mood.windows), 0.25)],
        [1, darker(random.pick(mood.windows), 0.25)],
      ]);
      drawing.path(d(0.92), lit, `opacity="${f(random.between(0.6, 0.95))}"`);
    }
    const edge = from + (side === 0 ? -1 : 1) * width * 0.1;
    drawing.path(
      `M${f(from)} ${f(ground + unit * 0.07)}L${f(vanish)} ${f(ground)}L${f(edge + (vanish - edge) * 0.42)} ${f(height)}H${f(edge)}Z`,
      lighter(mood.road, 0.22),
      'opacity="0.4"',
    );
  }
}

// Light behind the garment lifts dark clothes off a dark street.
function drawHalo(drawing: Drawing, { focus }: SceneRequest, mood: Mood, opacity: number): void {
  const { width, height, unit } = drawing;
  const glow = drawing.radial(
    [
      [0, mood.light, opacity],
      [0.5, mix(mood.light, mood.lights[0], 0.5), opacity * 0.4],
      [1, mood.lights[0], 0],
    ],
    { x: focus * width, y: height * 0.45, radius: unit * 0.62 },
  );
  drawing.rect({ x: 0, y: 0, width, height }, glow);
}

function drawKeyLight(drawing: Drawing, mood: Mood, dark: boolean): void {
  const { width, height } = drawing;
  const radius = Math.max(width, height);
  const key = drawing.radial(
    [
      [0, mood.light, dark ? 0.5 : 0.42],
      [0.5, mood.light, 0.12],
      [1, mood.light, 0],
    ],
    { x: 0, y: height * 0.2, radius },
  );
  drawing.rect({ x: 0, y: 0, width, height }, key);
  const rim = drawing.radial(
    [
      [0, mood.lights[0], dark ? 0.45 : 0.12],
      [1, mood.lights[0], 0],
    ],
    { x: width, y: height * 0.6, radius: radius * 0.6 },
  );
  drawing.rect({ x: 0, y: 0, width, height }, rim);
}
