import type COS from "cos-nodejs-sdk-v5";
import type { Clock } from "../core/ports/clock.ts";
import { withTimeout } from "../core/resilience/with-timeout.ts";
import { storageErrorOf, storageFailure, type StorageAct } from "./cos-errors.ts";

export type CosClientConfig = {
  readonly secretId: string;
  readonly secretKey: string;
  /** "127.0.0.1:port" of the emulated cloud; absent in production. */
  readonly endpoint?: string;
  /** A call gives up after this, its retries included; 30 s by default. */
  readonly deadlineMs?: number;
  readonly clock: Pick<Clock, "sleep" | "nowMs">;
};

/**
 * Runs one act against the store, bounded by the deadline; throws DrapeError only. What `request` hands to its second
 * argument is called in the moment in which the act is given up.
 */
export type CosRunner = <T>(
  act: StorageAct,
  request: (cos: COS, gaveUp: (stop: () => void) => void) => Promise<T>,
) => Promise<T>;

const DEADLINE_MS = 30_000;
/** The SDK tries 4 times, each with its own timeout: one try may take a third of the whole. */
const TRY_SHARE = 3;

/** The COS SDK, loaded at the first act. It repeats 5xx and network errors at once, 4 tries in all. */
export function createCosRunner(config: CosClientConfig): CosRunner {
  const deadlineMs = config.deadlineMs ?? DEADLINE_MS;
  let client: Promise<COS> | undefined;
  return async (act, request) => {
    client ??= loadClient(config, deadlineMs);
    let stop = (): void => {};
    const gaveUp = (end: () => void): void => {
      stop = end;
    };
    try {
      return await withTimeout(config.clock, deadlineMs, request(await client, gaveUp), () => {
        stop();
        throw storageFailure(act, noAnswer(act, deadlineMs));
      });
    } catch (error) {
      throw storageErrorOf(error, act, config.clock.nowMs());
    }
  };
}

async function loadClient(config: CosClientConfig, deadlineMs: number): Promise<COS> {
  const { default: Cos } = await import("cos-nodejs-sdk-v5");
  const cos = new Cos({
    SecretId: config.secretId,
    SecretKey: config.secretKey,
    Timeout: Math.ceil(deadlineMs / TRY_SHARE),
    ...(config.endpoint === undefined
      ? {}
      : { Protocol: "http:", Domain: `${config.endpoint}/{Bucket}` }),
  });
  // A proxy from the environment must not take loopback calls; the SDK's option cannot say "none".
  if (config.endpoint !== undefined) {
    cos.on("before-send", (options: { proxy?: unknown }) => {
      options.proxy = null;
    });
  }
  return cos;
}

const noAnswer = ({ bucket, region }: StorageAct, deadlineMs: number) =>
  `The store gave no answer within ${deadlineMs} ms (bucket ${bucket}, region ${region}).`;
