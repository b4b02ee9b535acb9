import type { FunctionName } from "../model/functions.ts";

/**
 * One cloud function call, as the wire gives it: no retry, no validation of the answer.
 * Throws `DrapeError` only (codes FUNCTION_*), with `ran` told as well as the wire lets it be told.
 */
export interface FunctionInvoker {
  /**
   * Sends `event` as JSON and resolves to the parsed return value of the function.
   * `signal` bounds the wait; the function itself may go on running (then `ran` is "unknown").
   * Limit: event and answer 6 MB each. `onBilled` hears the time that the platform bills, also for a call that failed
   * over there; of an answer that never came nothing is known.
   */
  call(
    name: FunctionName,
    event: unknown,
    signal: AbortSignal,
    onBilled?: (billedMs: number) => void,
  ): Promise<unknown>;
  /** Asks the platform for the function's state; never invokes it (that is billed). */
  describe(name: FunctionName, signal: AbortSignal): Promise<FunctionState>;
}

export type FunctionState = {
  readonly deployed: boolean;
  readonly active: boolean;
  /** The platform's own words: "Active", "Updating", "ResourceNotFound", ... */
  readonly detail: string;
};

/** A signed URL is the same within such a window, counted from the epoch, and another one after it. */
export const SIGNED_URL_WINDOW_MS = 600_000;

/**
 * Objects under keys. Throws `DrapeError` only (STORAGE_FAILED, STORAGE_CREDENTIALS).
 * Bounded: each method gives up after the store's own total deadline.
 */
export interface ObjectStore {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** The bytes, or null when there is no such object. Refuses objects above `maxBytes`. */
  get(key: string, maxBytes: number): Promise<Uint8Array | null>;
  /** Size and type, or null when there is no such object. */
  head(key: string): Promise<ObjectFacts | null>;
  /** Removing what is not there is no error. */
  delete(key: string): Promise<void>;
  /**
   * A URL that gives the object to whoever holds it, for GET only. `nowMs` is rounded down to a window of
   * SIGNED_URL_WINDOW_MS, so that repeated reads within it give one URL; valid for 10 to 20 minutes.
   */
  signedGetUrl(key: string, nowMs: number): string;
  /** A form with which a client uploads straight to the store: one key, one type, a size range; 10 minutes. */
  signedUploadForm(rules: UploadRules, nowMs: number): UploadForm;
  /** The unsigned address of an object: what a client passes back as an image. */
  objectUrl(key: string): string;
  /** The key when `url` is an address of this store (signed or not), else null. */
  keyOfUrl(url: string): string | null;
}

export type ObjectFacts = {
  readonly bytes: number;
  readonly contentType: string;
  readonly etag: string;
};

export type UploadRules = {
  readonly key: string;
  readonly contentType: string;
  readonly maxBytes: number;
};

export type UploadForm = {
  readonly url: string;
  readonly method: "POST";
  /** Send these first, then the file in the field `file`. */
  readonly fields: Readonly<Record<string, string>>;
  readonly expiresAtMs: number;
};
