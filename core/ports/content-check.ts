/**
 * Judges what customers write and show, and what is made for them. Throws `DrapeError` only: CONTENT_CHECK_FAILED,
 * CONTENT_CHECK_BUSY, CONTENT_CHECK_CREDENTIALS, and IMAGE_UNREADABLE for a picture that it cannot look at. One call
 * each, no retry; `signal` bounds it. Asking again about the same is harmless.
 */
export interface ContentCheck {
  /** A text of at most CONTENT_LIMITS.textCharsMax characters. */
  text(text: string, dataId: string, signal: AbortSignal): Promise<ContentVerdict>;
  /** A picture of at most CONTENT_LIMITS.pictureBytesMax at an address that the service can read. */
  picture(url: string, dataId: string, signal: AbortSignal): Promise<ContentVerdict>;
}

export type ContentVerdict = {
  /** `review`: a person should look at it. */
  readonly suggestion: "pass" | "review" | "block";
  /** What it was taken for, in the service's word: "Porn", "Ad", "Normal". */
  readonly label: string;
};

export const CONTENT_LIMITS = {
  textCharsMax: 10_000,
  /** The service takes 5 MB by address; what is larger is checked as a smaller copy. */
  pictureBytesMax: 4_000_000,
  /** Letters, digits, `_`, `-`, `@` and `#`; by it an operator finds the call in the service's own console. */
  dataIdCharsMax: 64,
} as const;
