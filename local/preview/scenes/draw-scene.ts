import { beachScene } from "./scene-beach.ts";
import { cafeScene } from "./scene-cafe.ts";
import { cityNightScene, streetScene } from "./scene-city.ts";
import { homeScene } from "./scene-home.ts";
import { officeScene } from "./scene-office.ts";
import { parkScene } from "./scene-park.ts";
import { studioScene } from "./scene-studio.ts";
import { whiteScene } from "./scene-white.ts";
import type { SceneId } from "../garment/recognise.ts";
import type { Scene, SceneRequest } from "./scene.ts";

const painters: Record<SceneId, (request: SceneRequest) => Scene> = {
  studio: studioScene,
  street: streetScene,
  cafe: cafeScene,
  beach: beachScene,
  park: parkScene,
  home: homeScene,
  office: officeScene,
  "city-night": cityNightScene,
  white: whiteScene,
};

/** Draws the scene of that name. */
export function drawScene(id: SceneId, request: SceneRequest): Scene {
  return painters[id](request);
}
