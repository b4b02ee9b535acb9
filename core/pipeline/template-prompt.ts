import type { Scene } from "../ports/store.ts";

export type PromptPair = { readonly promptZh: string; readonly promptEn: string };

/**
 * The prompt for when no model wrote one. It knows only what the customer said, so it leaves colour and cut to the
 * reference photo and says so first.
 */
export function templatePrompt(
  scene: Scene,
  style: Scene,
  garment: Pick<Scene, "en" | "zh"> = { en: "garment", zh: "服装" },
): PromptPair {
  return {
    promptZh:
      `严格按照参考图中的${garment.zh}，保持其颜色、图案、面料与版型完全一致。` +
      `时尚电商模特上身照，场景：${scene.zh}；风格：${style.zh}。` +
      `全身或七分身构图，自然姿态，光线柔和，画面干净，真实皮肤与面料质感，高清细节。` +
      `避免改动颜色与图案、添加标志或文字、手部变形。`,
    promptEn:
      `Exactly the ${garment.en} of the reference photo: same colour, pattern, fabric and cut. ` +
      `Fashion e-commerce photo of a model wearing it. Scene: ${scene.en}. Style: ${style.en}. ` +
      `Full or three-quarter length, natural pose, soft light, clean frame, true skin and fabric texture, fine detail. ` +
      `Avoid a changed colour or pattern, added logos or text, distorted hands.`,
  };
}
