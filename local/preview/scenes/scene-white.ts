import { sheetOf, type Scene, type SceneRequest } from "./scene.ts";

/** The plain shop picture: white, a garment that floats and a soft shadow, nothing else. */
export function whiteScene(request: SceneRequest): Scene {
  const paper = sheetOf(request);
  const { width, height, random } = request;
  paper.rect({ x: 0, y: 0, width, height }, "#ffffff");
  const shade = paper.radial(
    [
      [0, "#e9ecef", 0.75],
      [0.6, "#eef0f2", 0.4],
      [1, "#ffffff", 0],
    ],
    {
      x: width * (request.focus + random.between(0.06, 0.16)),
      y: height * random.between(0.58, 0.74),
      radius: Math.min(width, height) * 0.62,
    },
  );
  paper.rect({ x: 0, y: 0, width, height }, shade);
  return {
    back: [{ drawing: paper, scale: 0.5 }],
    floor: 0.9,
    wallShadow: 0.46,
    light: { colour: "#ffffff", strength: 0.26 },
    ambient: "#4b5560",
    shadow: "#59626c",
    groundShadow: 0.3,
    metal: "#c9ccd0",
    bare: true,
  };
}
