import { DrapeError } from "./errors.ts";
import type { ObjectStore } from "../ports/cloud.ts";
import type { ImageSource } from "./task.ts";

/** URLs signed with temporary keys are long, and the functions take no longer ones. */
export const ADDRESS_CHARS_MAX = 4_096;

export type SourceRules = {
  readonly userId: string;
  /** `host:port` pairs that may be read over plain http; empty in production. */
  readonly allowHttpHosts: readonly string[];
};

/**
 * What an image address in a request means: an object of this customer, or a foreign https URL. The address itself
 * is checked where it is fetched, in `ai-image-processor`, which runs apart from our network; here only what can
 * be told from the text alone is refused at once.
 */
export function imageSourceOf(
  text: string,
  objects: Pick<ObjectStore, "keyOfUrl">,
  rules: SourceRules,
): ImageSource {
  if (text.length > ADDRESS_CHARS_MAX) {
    throw refused(
      `it has ${text.length} characters and may have ${ADDRESS_CHARS_MAX}: upload the photo first (POST /api/v1/uploads)`,
    );
  }
  const key = objects.keyOfUrl(text);
  if (key !== null) {
    if (!key.startsWith(`u/${rules.userId}/`)) {
      throw new DrapeError(
        "NOT_FOUND",
        "There is no such object of yours: upload the photo first.",
      );
    }
    return { key, url: text };
  }
  const url = parse(text);
  if (url.username !== "" || url.password !== "")
    throw refused("leave out the user name and password");
  const open = url.protocol === "http:" && rules.allowHttpHosts.includes(url.host);
  if (!open && url.protocol !== "https:")
    throw refused("use an https address, or upload the photo first");
  if (!open && url.port !== "") throw refused("use port 443, the default of https");
  return { url: text };
}

function parse(text: string): URL {
  const url = URL.parse(text);
  if (url === null || /[\s\\]/.test(text))
    throw refused("give a complete URL, like https://example.com/shirt.jpg");
  return url;
}

function refused(cure: string): DrapeError {
  return new DrapeError("IMAGE_SOURCE_REFUSED", `This image address is not allowed: ${cure}.`);
}
