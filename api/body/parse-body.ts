import { DrapeError } from "../../core/model/errors.ts";

/** JSON in UTF-8, as RFC 8259 has it. Throws MALFORMED_REQUEST, which says of the two what it is not. */
export function parseBody(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DrapeError("MALFORMED_REQUEST", "The request body is not valid JSON.", {
      cause: error,
    });
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DrapeError(
      "MALFORMED_REQUEST",
      "The request body is not valid UTF-8: send JSON in the encoding UTF-8.",
      { cause: error },
    );
  }
}
