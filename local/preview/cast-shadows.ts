import type { Raster } from "./layer.ts";
import type { Scene } from "./scenes/scene.ts";
import { softShadow, type Placed } from "./shadow.ts";
import type { Stage } from "./stage.ts";

/** A shadow with whether it lies under the rail or plinth (on wall and ground) or on top of it. */
export type CastShadow = Placed & { readonly under: boolean };

interface Room {
  readonly width: number;
  readonly height: number;
  readonly scene: Scene;
  readonly lightFrom: "left" | "right";
}

/** The shadows that a subject throws on the wall, the ground or its plinth. */
export async function castShadows(
  garment: Raster,
  stage: Stage,
  room: Room,
): Promise<CastShadow[]> {
  if (stage.mode === "stand") return onPlinth(garment, stage, room);
  const wall = room.scene.wallShadow > 0 ? await onWall(garment, stage, room) : [];
  return stage.mode === "hang" ? [...wall, await onGround(garment, stage, room)] : wall;
}

async function onWall(garment: Raster, { box, mode }: Stage, room: Room): Promise<CastShadow[]> {
  const { unit, away } = measures(room);
  const { wallShadow, shadow: colour } = room.scene;
  const { width, height } = garment;
  const [far, near] = mode === "float" ? [0.02, 0.006] : [0.055, 0.03];
  const wide = await softShadow(garment, {
    width,
    height,
    colour,
    sigma: unit * far * 0.62,
    opacity: wallShadow * 0.62,
  });
  const close = await softShadow(garment, {
    width,
    height,
    colour,
    sigma: unit * near * 0.5,
    opacity: wallShadow * 0.3,
  });
  return [
    at(wide, { x: box.x + away * unit * far, y: box.y + unit * far * 0.8 }, true),
    at(close, { x: box.x + away * unit * near * 0.7, y: box.y + unit * near * 0.7 }, true),
  ];
}

async function onGround(garment: Raster, { box, floorY }: Stage, room: Room): Promise<CastShadow> {
  const { unit, away } = measures(room);
  const shadow = await softShadow(garment, {
    width: garment.width * 1.08,
    height: unit * 0.055,
    colour: room.scene.shadow,
    sigma: unit * 0.022,
    opacity: room.scene.groundShadow * 0.8,
  });
  const x = box.x - garment.width * 0.04 + away * unit * 0.05;
  return at(shadow, { x, y: floorY - unit * 0.012 }, true);
}

async function onPlinth(
  garment: Raster,
  { box, plinth }: Stage,
  room: Room,
): Promise<CastShadow[]> {
  const { unit, away } = measures(room);
  const bottom = box.y + box.height;
  const lifted = plinth.y > bottom;
  const flat = { width: garment.width * 0.94, height: plinth.radius * 0.14 };
  const x = box.x + garment.width * 0.03;
  const y = (lifted ? plinth.y : bottom) - flat.height * (lifted ? 0.5 : 0.8);
  const colour = "#0c0a0a";
  const soft = await softShadow(garment, {
    ...flat,
    colour,
    sigma: unit * (lifted ? 0.02 : 0.012),
    opacity: lifted ? 0.5 : 0.62,
  });
  const placed = at(soft, { x: x + away * unit * 0.014, y }, false);
  if (lifted) return [placed];
  const height = flat.height * 0.5;
  const tight = await softShadow(garment, {
    ...flat,
    height,
    colour,
    sigma: unit * 0.005,
    opacity: 0.55,
  });
  return [placed, at(tight, { x, y: y + flat.height * 0.4 }, false)];
}

function measures({ width, height, lightFrom }: Room) {
  return { unit: Math.min(width, height), away: lightFrom === "left" ? 1 : -1 };
}

function at(
  shadow: Raster & { readonly margin: number },
  { x, y }: { x: number; y: number },
  under: boolean,
): CastShadow {
  const { data, width, height, margin } = shadow;
  return { data, width, height, left: x - margin, top: y - margin, under };
}
