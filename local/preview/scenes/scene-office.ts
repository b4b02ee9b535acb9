import { darker, hex, lighter, mix } from "../colour.ts";
import { f, type Drawing } from "../drawing.ts";
import { drawPlant } from "./plants.ts";
import { mottle, sheetOf, type Scene, type SceneRequest } from "./scene.ts";

/** A calm office: light through window blinds on a plain wall, a desk or a glass front, a tall plant. */
export function officeScene(request: SceneRequest): Scene {
  const { random, palette, width, height, focus } = request;
  const floor = random.between(0.87, 0.9);
  const ground = height * (floor - random.between(0.08, 0.11));
  const cool = hex({
    l: palette.wallIsDark ? 0.52 : 0.86,
    c: 0.014,
    h: random.pick([230, 250, 95]),
  });
  const wall = mix(cool, palette.wall, 0.45);
  const room = sheetOf(request);
  drawRoom(room, { wall, ground });
  const texture = sheetOf(request);
  const seed = random.between(1, 900);
  mottle(texture, { frequency: "0.06 0.06", octaves: 2, seed, colour: "#ffffff", opacity: 0.05 });
  const things = sheetOf(request);
  const away = focus > 0.5 ? random.between(0.06, 0.2) : random.between(0.82, 0.96);
  const kind = random.pick(["glass", "desk", "desk"] as const);
  if (kind === "glass") drawGlassFront(things, request, { x: away * width, ground });
  else drawDesk(things, request, { x: away * width, ground, wall });
  const plant = sheetOf(request);
  const beside = away > 0.5 ? away - random.between(0.14, 0.2) : away + random.between(0.14, 0.2);
  const pot = { x: beside * width, ground: height * floor - 4, pot: "#e9e7e3" };
  if (random.chance(0.75)) drawPlant(plant, random, pot);
  const blinds = sheetOf(request);
  drawBlinds(blinds, request);
  const blur = [0.0085, 0.006, 0.004][request.distance] ?? 0.006;
  return {
    back: [
      { drawing: room, scale: 0.5, blur: 0.002 },
      { drawing: texture, scale: 0.25 },
      { drawing: things, scale: 0.5, blur },
      { drawing: plant, scale: 0.5, blur: blur * 0.6 },
      { drawing: blinds, scale: 0.25, blur: 0.0055, blend: "soft-light" },
    ],
    over: [{ drawing: softened(blinds), scale: 0.25, blur: 0.011, blend: "soft-light" }],
    floor,
    wallShadow: 0.5,
    light: { colour: "#fff6e4", strength: 0.55 },
    ambient: "#222b38",
    shadow: "#232a35",
    groundShadow: 0.55,
    metal: palette.metal,
  };
}

// The same blinds fall on the garment as on the wall, but fainter: they bind both together.
function softened(blinds: Drawing): Drawing {
  return {
    ...blinds,
    svg: () => blinds.svg().replace("<g ", '<g opacity="0.34" '),
  };
}

function drawRoom(drawing: Drawing, { wall, ground }: { wall: string; ground: number }): void {
  const { width, height, unit } = drawing;
  drawing.rect(
    { x: 0, y: 0, width, height },
    drawing.linear(
      [
        [0, lighter(wall, 0.3)],
        [0.5, wall],
        [1, darker(wall, 0.26)],
      ],
      10,
    ),
  );
  const carpet = mix(wall, "#5f6670", 0.55);
  drawing.rect(
    { x: 0, y: ground, width, height: height - ground },
    drawing.linear([
      [0, darker(carpet, 0.34)],
      [0.3, carpet],
      [1, lighter(carpet, 0.12)],
    ]),
  );
  drawing.rect(
    { x: 0, y: ground - unit * 0.016, width, height: unit * 0.016 },
    lighter(wall, 0.35),
  );
}

function drawBlinds(drawing: Drawing, { random }: SceneRequest): void {
  const { width, height, unit } = drawing;
  drawing.rect({ x: 0, y: 0, width, height }, "#5a5a60", 'opacity="0.55"');
  const slats = Math.round(random.between(11, 15));
  const [wide, high] = [width * random.between(0.55, 0.72), unit * random.between(0.75, 0.9)];
  const pitch = high / slats;
  const skew = random.between(-15, -8);
  const at = `transform="translate(${f(width * random.between(0.04, 0.2))} ${f(height * random.between(0.08, 0.2))}) skewY(${f(-skew)}) skewX(${f(skew * 1.2)})"`;
  for (let i = 0; i < slats; i++) {
    for (const half of [0, 1]) {
      const box = {
        x: half * (wide * 0.515),
        y: i * pitch,
        width: wide * 0.485,
        height: pitch * 0.58,
      };
      drawing.rect(box, "#ffffff", `opacity="0.95" ${at}`);
    }
  }
}

function drawGlassFront(
  drawing: Drawing,
  { random }: SceneRequest,
  { x, ground }: { x: number; ground: number },
): void {
  const { height, unit } = drawing;
  const half = unit * 0.34;
  const top = height * 0.04;
  const box = { x: x - half, y: top, width: half * 2, height: ground - top };
  drawing.rect(
    box,
    drawing.linear([
      [0, "#dfeaf2"],
      [0.55, "#c3d4de"],
      [1, "#9db0ba"],
    ]),
  );
  for (let i = 0; i < 9; i++) {
    const wide = half * random.between(0.16, 0.42);
    const high = (ground - top) * random.between(0.2, 0.62);
    const left = box.x + random.between(0, 1) * (half * 2 - wide);
    drawing.rect(
      { x: left, y: ground - high, width: wide, height: high },
      random.pick(["#a9bac6", "#8fa3b1", "#bccad3"]),
      'opacity="0.7"',
    );
  }
  for (const share of [0, 0.5, 1]) {
    drawing.rect(
      {
        x: box.x + box.width * share - unit * 0.008,
        y: top,
        width: unit * 0.016,
        height: ground - top,
      },
      "#3c434b",
    );
  }
  drawing.rect(
    { x: box.x, y: top + (ground - top) * 0.3, width: box.width, height: unit * 0.01 },
    "#3c434b",
  );
}

function drawDesk(
  drawing: Drawing,
  { random, palette }: SceneRequest,
  { x, ground, wall }: { x: number; ground: number; wall: string },
): void {
  const { unit, height } = drawing;
  const half = unit * 0.38;
  const y = ground - unit * 0.22;
  const oak = mix("#b58a5c", wall, 0.2);
  const leg = { width: unit * 0.014, height: ground + height * 0.01 - y };
  for (const share of [-0.92, 0.9]) drawing.rect({ x: x + half * share, y, ...leg }, "#2b3037");
  drawing.rect(
    { x: x - half, y: y - unit * 0.012, width: half * 2, height: unit * 0.026 },
    drawing.linear([
      [0, lighter(oak, 0.25)],
      [1, darker(oak, 0.25)],
    ]),
  );
  const screen = {
    x: x - unit * 0.13,
    y: y - unit * 0.24,
    width: unit * 0.27,
    height: unit * 0.17,
  };
  drawing.rect(
    { x: x - unit * 0.012, y: y - unit * 0.08, width: unit * 0.026, height: unit * 0.07 },
    "#8d939b",
  );
  drawing.rect(screen, "#20262e", `rx="${f(unit * 0.008)}"`);
  drawing.rect(
    {
      x: screen.x + unit * 0.008,
      y: screen.y + unit * 0.008,
      width: screen.width - unit * 0.016,
      height: screen.height - unit * 0.016,
    },
    drawing.linear(
      [
        [0, lighter(palette.accent, 0.35)],
        [1, darker(palette.accent, 0.35)],
      ],
      30,
    ),
  );
  let at = x + unit * 0.18;
  for (let i = 0; i < 6; i++) {
    const wide = unit * random.between(0.012, 0.022);
    const high = unit * random.between(0.085, 0.12);
    const book = random.pick(["#e9e5dc", palette.accent, "#4a5563", "#b9a27f", "#7a868f"]);
    drawing.rect({ x: at, y: y - unit * 0.012 - high, width: wide, height: high }, book);
    at += wide + unit * 0.0015;
  }
}
