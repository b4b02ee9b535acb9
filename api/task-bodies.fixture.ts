import type { TaskType } from "../core/model/task.ts";

/** A right body of each route of the original contract. */
export const RIGHT_BODIES = {
  FULL_GENERATION: {
    clothingImages: ["https://example.com/a.jpg"],
    sceneType: "studio",
    stylePreference: "elegant",
    options: { size: "1024x1024", quality: "standard", n: 2 },
  },
  PREPROCESS_ONLY: {
    images: ["https://example.com/a.jpg", "https://example.com/b.jpg"],
    options: {
      compress: true,
      resize: { width: 800, height: 600, mode: "fit" },
      crop: "3:4",
      watermark: "Drape",
      format: "webp",
      quality: 80,
    },
  },
  PROMPT_ONLY: {
    imageUrl: "https://example.com/a.jpg",
    clothingType: "dress",
    stylePreference: "elegant",
    sceneType: "studio",
  },
  GENERATE_ONLY: {
    prompt: "A red dress in a studio.",
    options: { size: "1024x1024", quality: "standard", n: 2 },
    modelConfig: { model: "doubao-Seedream-4-0-250828" },
  },
} as const satisfies Record<TaskType, object>;

export const TASK_ROUTES: Record<TaskType, string> = {
  FULL_GENERATION: "/api/ai-image/generate",
  PREPROCESS_ONLY: "/api/ai-image/preprocess",
  PROMPT_ONLY: "/api/ai-image/generate-prompt",
  GENERATE_ONLY: "/api/ai-image/generate-only",
};

/** A right body with one fault: what stands at `pointer` (undefined: left out), and what is said of it. */
export type WrongBody = {
  readonly type: TaskType;
  readonly pointer: string;
  readonly value: unknown;
  readonly code: string;
  /** What the detail must have in it: what is allowed. */
  readonly says?: string;
};

const wrong =
  (type: TaskType) =>
  (
    pointer: string,
    value: unknown,
    code: string,
    more: Pick<WrongBody, "says"> = {},
  ): WrongBody => ({ type, pointer, value, code, ...more });

const full = wrong("FULL_GENERATION");
const preprocess = wrong("PREPROCESS_ONLY");
const prompt = wrong("PROMPT_ONLY");
const generate = wrong("GENERATE_ONLY");
const https = (count: number) => Array.from({ length: count }, (_, i) => `https://a.com/${i}.jpg`);

export const WRONG_BODIES: readonly WrongBody[] = [
  full("/clothingImages", undefined, "INVALID_TYPE"),
  full("/clothingImages", [], "TOO_SMALL"),
  full("/clothingImages", https(11), "TOO_BIG", { says: "10" }),
  full("/clothingImages", "https://example.com/a.jpg", "INVALID_TYPE", { says: "a list" }),
  full("/clothingImages/0", 5, "INVALID_TYPE", { says: "a text" }),
  full("/clothingImages/0", "ftp://example.com/a.jpg", "IMAGE_SOURCE_REFUSED", { says: "https" }),
  full("/clothingImages/0", "http://127.0.0.1/a.jpg", "IMAGE_SOURCE_REFUSED"),
  full("/clothingImages/0", "https://u:p@example.com/a.jpg", "IMAGE_SOURCE_REFUSED"),
  full("/clothingImages/0", "data:text/html;base64,AAAA", "IMAGE_UNREADABLE", { says: "webp" }),
  full("/sceneType", undefined, "INVALID_TYPE"),
  full("/sceneType", "moon", "NOT_ALLOWED", { says: "studio, street" }),
  full("/stylePreference", "baroque", "NOT_ALLOWED", { says: "casual, elegant" }),
  full("/stylePreference", null, "INVALID_TYPE"),
  full("/options/size", "huge", "INVALID_FORMAT", { says: "1024x1024" }),
  full("/options/size", "640x480", "NOT_ALLOWED", { says: "1024x1024" }),
  full("/options/quality", "hd", "INVALID_VALUE", { says: "standard" }),
  full("/options/n", 0, "TOO_SMALL"),
  full("/options/n", 11, "TOO_BIG", { says: "10" }),
  full("/options/n", 1.5, "INVALID_TYPE"),
  full("/options/n", "2", "INVALID_TYPE"),
  full("/options/colour", "red", "UNRECOGNIZED_KEYS", { says: "size, quality, n" }),
  full("/modelConfig", { model: "x" }, "UNRECOGNIZED_KEYS", { says: "clothingImages" }),
  full("/options", null, "INVALID_TYPE"),

  preprocess("/images", undefined, "INVALID_TYPE"),
  preprocess("/images", [], "TOO_SMALL"),
  preprocess("/images", https(11), "TOO_BIG"),
  preprocess("/images/1", "file:///etc/passwd", "IMAGE_SOURCE_REFUSED"),
  preprocess("/options/compress", "much", "INVALID_UNION", { says: "true or false" }),
  preprocess("/options/compress/targetBytes", 5, "TOO_SMALL", { says: "1024" }),
  preprocess("/options/resize/mode", "stretch", "INVALID_VALUE", { says: "fit" }),
  preprocess("/options/resize/width", 0, "TOO_SMALL"),
  preprocess("/options/resize/width", 9_000, "TOO_BIG", { says: "8192" }),
  preprocess("/options/resize/depth", 5, "UNRECOGNIZED_KEYS"),
  preprocess("/options/crop", "wide", "INVALID_FORMAT", { says: "3:4" }),
  preprocess("/options/crop", 7, "INVALID_UNION"),
  preprocess("/options/watermark", "", "TOO_SMALL"),
  preprocess("/options/watermark/imageKey", "u/usr_other/in/x.png", "NOT_FOUND"),
  preprocess("/options/format", "gif", "INVALID_VALUE", { says: "webp" }),
  preprocess("/options/quality", 101, "TOO_BIG", { says: "100" }),
  preprocess("/options/quality", "high", "INVALID_TYPE"),
  preprocess("/options/rotate", 90, "UNRECOGNIZED_KEYS"),
  preprocess("/clothingImages", https(1), "UNRECOGNIZED_KEYS", { says: "images, options" }),

  prompt("/imageUrl", undefined, "INVALID_TYPE"),
  prompt("/imageUrl", https(1), "INVALID_TYPE", { says: "a text" }),
  prompt("/imageUrl", "x", "TOO_SMALL", { says: "https" }),
  prompt("/imageUrl", "https://example.com:8443/a.jpg", "IMAGE_SOURCE_REFUSED", { says: "443" }),
  prompt("/clothingType", "", "TOO_SMALL"),
  prompt("/clothingType", "x".repeat(101), "TOO_BIG"),
  prompt("/sceneType", "elegant", "NOT_ALLOWED", { says: "studio" }),
  prompt("/stylePreference", "studio", "NOT_ALLOWED", { says: "elegant" }),
  prompt("/options", { n: 1 }, "UNRECOGNIZED_KEYS", { says: "imageUrl" }),

  generate("/prompt", undefined, "INVALID_TYPE"),
  generate("/prompt", "   ", "TOO_SMALL"),
  generate("/prompt", "x".repeat(4_001), "TOO_BIG", { says: "4000" }),
  generate("/options/size", "2K", "INVALID_FORMAT"),
  generate("/options/size", "512x512", "NOT_ALLOWED", { says: "1024x1024" }),
  generate("/options/n", -1, "TOO_SMALL"),
  generate("/modelConfig/model", "doubao-seedream-9", "NOT_ALLOWED", {
    says: "doubao-seedream-4-0-250828, doubao-seedream-4-5-251128, doubao-seedream-5-0-260128",
  }),
  generate("/modelConfig/model", 4, "INVALID_TYPE"),
  generate("/modelConfig/temperature", 1, "UNRECOGNIZED_KEYS", { says: "model" }),
  generate("/modelConfig/model", undefined, "INVALID_TYPE"),
  generate("/referenceImages", https(15), "TOO_BIG", { says: "14" }),
  generate("/referenceImages", https(11), "TOO_BIG", { says: "10" }),
  generate("/referenceImages/0", "gopher://x", "IMAGE_SOURCE_REFUSED"),
  generate("/sceneType", "studio", "UNRECOGNIZED_KEYS", { says: "prompt, referenceImages" }),
];
