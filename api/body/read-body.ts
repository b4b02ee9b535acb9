import { DrapeError } from "../../core/model/errors.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { withTimeout } from "../../core/resilience/with-timeout.ts";

/** A body is whole after this time, or its request is answered without it; WeChat cuts requests at 60 s too. */
export const BODY_MS = 60_000;

/** What is read and thrown away of a body that nobody needs, so that its sender comes to read the answer. */
export const DRAIN_BYTES_MAX = 64_000_000;
export const DRAIN_MS = 5_000;

type BodyDeps = { readonly clock: Pick<Clock, "sleep"> };

/**
 * The whole body. Throws PAYLOAD_TOO_LARGE above `bytesMax`, REQUEST_TIMEOUT for one that has not ended after BODY_MS
 * and MALFORMED_REQUEST for one that breaks off; then the rest is still there to be drained.
 */
export async function readBody(
  { clock }: BodyDeps,
  request: Request,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = announcedBytes(request);
  if (announced !== null && announced > bytesMax) throw tooLarge(bytesMax);
  if (request.body === null) return new Uint8Array();
  const work = announced === null ? readChunks(request.body, bytesMax) : request.bytes();
  const whole = work.catch((error: unknown) => {
    throw error instanceof DrapeError ? error : brokenOff(error);
  });
  return withTimeout(clock, BODY_MS, whole, () => {
    throw tooSlow();
  });
}

/**
 * Reads what is left of a body, within DRAIN_BYTES_MAX and DRAIN_MS. False when it has not ended then, or breaks off:
 * the connection is good for nothing more.
 */
export async function drainBody({ clock }: BodyDeps, request: Request): Promise<boolean> {
  const { body } = request;
  if (body === null) return true;
  const announced = announcedBytes(request);
  if (body.locked || (announced !== null && announced > DRAIN_BYTES_MAX)) return false;
  const work = discard(body).catch(() => false);
  return withTimeout(clock, DRAIN_MS, work, () => false);
}

async function discard(body: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = body.getReader();
  for (let bytes = 0; bytes <= DRAIN_BYTES_MAX;) {
    const { done, value } = await reader.read();
    if (done) return true;
    bytes += value.byteLength;
  }
  return false;
}

async function readChunks(
  body: ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(Buffer.concat(chunks));
    bytes += value.byteLength;
    if (bytes > bytesMax) {
      reader.releaseLock();
      throw tooLarge(bytesMax);
    }
    chunks.push(value);
  }
}

/** Null where the length is not known before the end. */
function announcedBytes({ headers }: Request): number | null {
  const length = headers.get("content-length");
  return length === null || headers.has("transfer-encoding") ? null : Number(length);
}

function tooLarge(bytesMax: number): DrapeError {
  return new DrapeError(
    "PAYLOAD_TOO_LARGE",
    `The body may have ${bytesMax / 1_000_000} MB: upload photos first (POST /api/v1/uploads) and send their URLs.`,
  );
}

function tooSlow(): DrapeError {
  return new DrapeError(
    "REQUEST_TIMEOUT",
    `The body did not arrive within ${BODY_MS / 1_000} s: send it again, or upload photos first (POST /api/v1/uploads) and send their URLs.`,
  );
}

function brokenOff(cause: unknown): DrapeError {
  const message = "The request body broke off, or its chunks cannot be read: send it again whole.";
  return new DrapeError("MALFORMED_REQUEST", message, { cause });
}
