import type { z } from "zod";
import type { Ran } from "../../core/function-schemas/function-answer.ts";
import type { imageGeneratorEventSchema } from "../../core/function-schemas/image-generator.ts";
import { FunctionError } from "../shared/function-error.ts";
import type { ReferencePicture } from "./reference-pictures.ts";

export type ImageEvent = z.output<typeof imageGeneratorEventSchema>;

/** Who makes pictures: one vendor's wire. */
export interface ImageProvider {
  /** As the configuration, the results and the degradations call it. */
  readonly name: string;
  /**
   * Prepares the request for one picture of this event; it is prepared once and sent many times. Throws EVENT_INVALID,
   * with what is allowed, for what this provider cannot make: before the references are read and anything is asked.
   */
  prepare(
    event: ImageEvent,
    references: () => Promise<readonly ReferencePicture[]>,
  ): Promise<PreparedRequest>;
  /** What of the event this provider is not sent, in plain English. */
  notes(event: ImageEvent): string[];
}

export interface PreparedRequest {
  /** The model that makes it, as the provider calls it. */
  readonly model: string;
  /**
   * Generates one picture. Throws `FunctionError`: `ran` is "no" only when the provider certainly neither makes nor
   * bills it, since another one may be asked then.
   */
  generate(signal: AbortSignal): Promise<GeneratedPicture>;
}

export type GeneratedPicture = {
  /** Who made it: the provider's name, or an emulator's own. */
  readonly provider: string;
  /** What the provider says that it bills. */
  readonly generatedImages: number;
  readonly outputTokens: number;
  /** The bytes, which the provider may keep for some hours only. Its failures have ran "yes". */
  fetch(signal: AbortSignal): Promise<Buffer>;
};

/** An emulator names itself in this header; the real services do not know it. */
export function makerOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string {
  const header = headers["x-drape-provider"];
  return typeof header === "string" && /^[a-z0-9-]{1,60}$/.test(header) ? header : name;
}

/** Of an answer that holds its picture: one of 30 MB in base64. */
export const PICTURE_ANSWER_BYTES_MAX = 41_000_000;

/**
 * An answer that came and holds no picture: nothing is under way any more. It ran, and may be billed, unless the
 * provider says that it bills none.
 */
export const noPicture = (ran: Ran) =>
  new FunctionError("PROVIDER_ANSWER_INVALID", "The image model's answer holds no picture.", {
    ran,
  });
