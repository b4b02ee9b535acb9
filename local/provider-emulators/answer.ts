/** What a route answers, with the facts that the request log keeps. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Sent one after another as an event stream, instead of `body`. */
  readonly events?: readonly object[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly model: string;
  readonly promptExcerpt: string;
  readonly imageCount: number;
  readonly imageHashes: readonly string[];
}

/** Of a request that nothing was made of. */
export function answerWithout(status: number, body: unknown): Answer {
  return { model: "", promptExcerpt: "", imageCount: 0, imageHashes: [], status, body };
}
