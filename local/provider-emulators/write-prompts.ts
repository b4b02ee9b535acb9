import type { PromptDraft } from "../../core/function-schemas/prompt-generator.ts";
import type { Described } from "./describe-garment.ts";

/** What the instruction text asks for; names are kept word for word. */
export interface Instruction {
  readonly scene: { readonly en: string; readonly zh: string };
  readonly style: { readonly en: string; readonly zh: string };
  /** `zh` is the same as `en` when the line has one name only. */
  readonly garment: { readonly en: string; readonly zh: string } | undefined;
}

/** Reads lines such as `Scene: street (街头)`, `Style: elegant (优雅)` and `Garment: dress` or `Garment: dress (连衣裙)`. */
export function readInstruction(text: string): Instruction {
  return {
    scene: pair(text, "Scene") ?? { en: "studio", zh: "摄影棚" },
    style: pair(text, "Style") ?? { en: "casual", zh: "休闲" },
    garment: pair(text, "Garment"),
  };
}

function pair(text: string, label: string): { en: string; zh: string } | undefined {
  const line = new RegExp(`^[ \\t]*${label}:[ \\t]*(\\S.*)$`, "im").exec(text)?.[1]?.trim();
  if (line === undefined) return undefined;
  const both = /^(.*\S)\s*[(（]([^()（）]+)[)）]$/.exec(line);
  return { en: both?.[1] ?? line, zh: both?.[2]?.trim() ?? line };
}

const ZH_MAX = 300;

/** The photographer's brief in both languages: each garment first, in the order of the photos, then scene and style. */
export function writePrompts(
  described: readonly [Described, ...Described[]],
  { scene, style }: Instruction,
): PromptDraft {
  const { garment, colours } = described[0];
  const [main] = colours;
  const each = distinctOf(described);
  const wornEn = each.map(wordsEn).join(", together with ");
  const promptZh = `${each.map(wordsZh).join("，搭")}，严格保持参考图中服装的颜色、图案、版型与细节。模特自然穿着，姿态放松，服装完整清晰可见。场景：${scene.zh}（${scene.en}）。风格：${style.zh}（${style.en}）。柔和立体光线，面料质感真实，浅景深，商业时尚摄影，高清。避免改动颜色与图案、添加标志、手部变形。`;
  const promptEn = [
    `A ${wornEn}, worn by a model.`,
    "Keep each garment's exact colour, pattern, cut and details as in the reference photo.",
    `Scene: ${scene.en} (${scene.zh}). Style: ${style.en} (${style.zh}).`,
    "Natural relaxed pose, the whole garment in view, soft directional light, true fabric texture,",
    "shallow depth of field, commercial fashion photography, high resolution.",
  ].join(" ");
  return {
    garment,
    promptZh: promptZh.slice(0, ZH_MAX),
    promptEn: promptEn.slice(0, 3900),
    avoid: [`a ${garment.type} in another colour than ${main.en}`, "added logos or text"],
  };
}

/** Photos of one garment from several sides are described alike; the first of them speaks for it. */
function distinctOf(described: readonly Described[]): readonly Described[] {
  const nameOf = ({ garment, colours }: Described) => `${colours[0].en} ${garment.type}`;
  return described.filter(
    (one, at) => described.findIndex((other) => nameOf(other) === nameOf(one)) === at,
  );
}

function wordsEn({ garment, colours: [main, ...others] }: Described): string {
  const more = others.length === 0 ? "" : ` with ${others.map(({ en }) => en).join(" and ")}`;
  return `${main.en} ${garment.pattern} ${garment.type}${more}`;
}

function wordsZh({ typeZh, patternZh, colours: [main, ...others] }: Described): string {
  const more = others.length === 0 ? "" : `，配${others.map(({ zh }) => zh).join("与")}`;
  return `${main.zh}${patternZh}${typeZh}${more}`;
}
