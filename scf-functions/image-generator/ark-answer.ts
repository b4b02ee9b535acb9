import { z } from "zod";
import { parseJson } from "../shared/call-provider.ts";
import { listOf, objectOf, type ProviderError, readHiddenError } from "../shared/provider-error.ts";
import { findPicture, type FoundPicture } from "./find-picture.ts";

/** What Ark said about the one picture that was asked for, by whichever way it answered. */
export type ArkAnswer = {
  /** An address lives 24 hours at Ark. */
  readonly picture: FoundPicture | null;
  /** In place of the picture. */
  readonly error: ProviderError | null;
  /** Ark bills delivered pictures only, and says here how many. Undefined: it did not say. */
  readonly generatedImages: number | undefined;
  readonly outputTokens: number;
};

const NOTHING: ArkAnswer = {
  picture: null,
  error: null,
  generatedImages: undefined,
  outputTokens: 0,
};

const count = z.number().int().nonnegative().optional().catch(undefined);
const usageSchema = z.object({ generated_images: count, output_tokens: count });

/** The answer as one JSON object; null when it says nothing of a picture. */
export function readArkAnswer(json: unknown): ArkAnswer | null {
  const body = objectOf(json);
  if (body === null) return null;
  const picture = findPicture(body);
  const error = readHiddenError(listOf(body["data"])[0]) ?? readHiddenError(body);
  if (picture === null && error === null && !Array.isArray(body["data"])) return null;
  return { ...NOTHING, picture, error, ...billOf(body) };
}

function billOf(body: Record<string, unknown>): Partial<ArkAnswer> {
  const usage = usageSchema.safeParse(body["usage"]).data;
  if (usage === undefined) return {};
  return { generatedImages: usage.generated_images, outputTokens: usage.output_tokens ?? 0 };
}

/** Reads Ark's events as their bytes come; `answer` is what is known so far, null before the first event. */
export type ArkEvents = { add(part: Buffer): void; answer(): ArkAnswer | null };

/**
 * A reader of `stream: true`. A picture that was told is known from then on, whatever becomes of the stream, and an
 * error means what it means in an answer of its own. Events that tell nothing are passed over; the caller bounds the
 * bytes.
 */
export function createArkEvents(): ArkEvents {
  let known: ArkAnswer | null = null;
  let name = "";
  const decoder = new TextDecoder();
  // Pieces of the line that has not ended yet: a picture in base64 comes in hundreds of them.
  let pieces: string[] = [];

  function take(line: string): void {
    if (line === "") name = "";
    if (line.startsWith("event:")) name = line.slice("event:".length).trim();
    if (!line.startsWith("data:")) return;
    // "[DONE]" is no JSON and says nothing that `completed` did not.
    const event = objectOf(parseJson(line.slice("data:".length)));
    if (event === null) return;
    const type = typeof event["type"] === "string" ? event["type"] : name;
    // A picture that is not finished yet, on the wires that show those.
    if (type.endsWith("partial_image")) return;
    const before = known ?? NOTHING;
    const picture = findPicture(event);
    known = {
      ...before,
      picture: before.picture ?? picture,
      error: before.error ?? readHiddenError(type === "error" ? asError(event) : event),
      ...billOf(event),
    };
  }

  return {
    add(part) {
      const lines = decoder.decode(part, { stream: true }).split(/\r?\n/);
      const last = lines.pop() ?? "";
      for (const line of lines) {
        take([...pieces, line].join("").replace(/\r$/, ""));
        pieces = [];
      }
      pieces.push(last);
    },
    answer() {
      // The last event may lack its line's end.
      take(pieces.join(""));
      return known;
    },
  };
}

const asError = (event: Record<string, unknown>) =>
  objectOf(event["error"]) === null ? { error: event } : event;
