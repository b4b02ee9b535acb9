import type { z } from "zod";
import type { promptGeneratorEventSchema } from "../../core/contracts/prompt-generator.ts";

type PromptEvent = z.output<typeof promptGeneratorEventSchema>;

type TextPart = { readonly type: "text"; readonly text: string };
type ImagePart = { readonly type: "image_url"; readonly image_url: { readonly url: string } };
/** OpenAI's wire. */
export type ChatMessage = {
  readonly role: "system" | "user" | "assistant";
  readonly content: string | readonly (TextPart | ImagePart)[];
};

const SYSTEM_TEXT = [
  "You write briefs for a fashion photographer. You are shown photos of one garment; the pictures that are",
  "made from your brief show a model wearing exactly this garment, so a buyer must recognise it at once.",
  "Describe only what you can see: never invent a brand, a logo, a text or a material.",
  "You answer with one JSON object and nothing else.",
].join(" ");

/** The JSON that is asked for, in the words of promptDraftSchema. */
const ANSWER_TEXT = [
  "Answer with exactly this JSON, without any text around it:",
  "{",
  '  "garment": {',
  '    "type": "singular English noun in lower case, such as t-shirt or dress",',
  '    "colors": ["plain English colour words, the main one first, 1 to 5"],',
  '    "pattern": "solid, striped, floral, ... in English",',
  '    "material": "in English; leave it out when you cannot tell",',
  '    "sleeve": "in English; leave it out when there is none",',
  '    "length": "in English; leave it out when you cannot tell"',
  "  },",
  '  "promptZh": "the brief in Chinese, at most 300 characters",',
  '  "promptEn": "the same brief in English, at most 150 words"',
  "}",
].join("\n");

/** The conversation that asks for a draft; `pictures` are data URIs, the main one first. */
export function promptMessages(event: PromptEvent, pictures: readonly string[]): ChatMessage[] {
  return [
    { role: "system", content: SYSTEM_TEXT },
    {
      role: "user",
      content: [
        { type: "text", text: userText(event) },
        ...pictures.map((url) => ({ type: "image_url" as const, image_url: { url } })),
      ],
    },
  ];
}

/** What follows a bad answer: the answer itself and what was wrong with it. */
export function repairMessages(answer: string, problem: string): ChatMessage[] {
  const text = [
    `That answer cannot be used: ${problem}.`,
    "Send the whole JSON object again, corrected, with nothing around it.",
  ].join(" ");
  return [
    { role: "assistant", content: answer.slice(0, 8000) },
    { role: "user", content: text },
  ];
}

function userText(event: PromptEvent): string {
  const { clothingType, scene, style } = event;
  return [
    "Write the brief for a fashion photo of one model wearing the garment in the pictures.",
    "",
    `Scene: ${oneLine(scene.en)} (${oneLine(scene.zh)})`,
    `Style: ${oneLine(style.en)} (${oneLine(style.zh)})`,
    ...(clothingType === undefined ? [] : [`Garment: ${oneLine(clothingType)}`]),
    "",
    "Begin with the garment: its colour first, then its cut, collar, sleeves, length, pattern, fabric and",
    "small details such as buttons or stitching, as they are in the pictures. Then the model and the pose,",
    "so that the whole garment is seen and nothing covers it; then the scene and the style given above;",
    "then the light and the lens. Write plain running sentences as one photographer writes to another, no",
    "lists of keywords.",
    "",
    ANSWER_TEXT,
  ].join("\n");
}

/** A customer's word must not look like another line of the instruction. */
const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();
