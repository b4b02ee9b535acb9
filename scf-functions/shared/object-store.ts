import COS from "cos-nodejs-sdk-v5";
import { z } from "zod";
import { type Environment, readEnvironment } from "./environment.ts";
import { FunctionError } from "./function-error.ts";
import { untilAborted } from "./until-aborted.ts";

/** Who made an object, kept with it: for who finds it later and did not see it made. */
type Making = {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** Providers that were asked before and did not make it: "ark=PROVIDER_UNPAID". */
  readonly insteadOf?: string | undefined;
};
type StoredFacts = { readonly bytes: number };
export type StoredObject = { readonly body: Buffer } & Making;
type PutOptions = { readonly contentType: string } & Making;

/**
 * The functions' access to objects. Throws `FunctionError` only: STORAGE_CREDENTIALS when the keys are
 * refused, else STORAGE_FAILED. Each method gives up when `signal` aborts, at the latest after 25 s.
 */
export interface FunctionStore {
  head(key: string, signal: AbortSignal): Promise<StoredFacts | null>;
  /** The object, or null when there is none. Above `bytesMax` it is IMAGE_TOO_LARGE and not read on. */
  get(key: string, bytesMax: number, signal: AbortSignal): Promise<StoredObject | null>;
  put(key: string, body: Buffer, options: PutOptions, signal: AbortSignal): Promise<void>;
}

/** One attempt of the SDK; it makes up to 4 at once without backoff, hence the total below. */
const ATTEMPT_TIMEOUT_MS = 10_000;
const TOTAL_TIMEOUT_MS = 25_000;
/** A HEAD is refused without a word: then the clock is to blame when the store's own is so far away. */
const SKEW_MAX_MS = 5 * 60_000;
const HEADERS = {
  provider: "x-cos-meta-provider",
  model: "x-cos-meta-model",
  insteadOf: "x-cos-meta-instead-of",
} as const satisfies Record<keyof Making, string>;

const environmentSchema = z.object({
  COS_BUCKET: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,62}$/, "a bucket name, <name>-<appid>"),
  TENCENTCLOUD_REGION: z.string().regex(/^[a-z]+(-[a-z0-9]+)+$/, "a region such as ap-guangzhou"),
  COS_ENDPOINT: z
    .string()
    .regex(/^[a-z0-9.-]+:\d{1,5}$/i, "host:port, without a scheme")
    .optional(),
});
const ownKeysSchema = z.object({
  TENCENTCLOUD_SECRET_ID: z.string(),
  TENCENTCLOUD_SECRET_KEY: z.string(),
});
/** What the platform gives a function that is bound to a role. */
const roleKeysSchema = z.object({
  TENCENTCLOUD_SECRETID: z.string(),
  TENCENTCLOUD_SECRETKEY: z.string(),
  TENCENTCLOUD_SESSIONTOKEN: z.string(),
});

export type StoreConfig = {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly secretId: string;
  readonly secretKey: string;
  readonly sessionToken: string | undefined;
};

/**
 * Reads the store's variables; our own keys go before the role's temporary ones. A deployed function has them as
 * COS_REGION, COS_SECRET_ID and COS_SECRET_KEY: the platform keeps TENCENTCLOUD_* for itself (583/14570).
 */
export function readStoreConfig(given: Environment): StoreConfig {
  const environment = withDeployedNames(given);
  const code = "STORAGE_CREDENTIALS";
  const settings = readEnvironment(environmentSchema, environment, code);
  const common = {
    bucket: settings.COS_BUCKET,
    region: settings.TENCENTCLOUD_REGION,
    endpoint: settings.COS_ENDPOINT,
  };
  if (!environment["TENCENTCLOUD_SECRET_ID"] && environment["TENCENTCLOUD_SECRETID"]) {
    const keys = readEnvironment(roleKeysSchema, environment, code);
    return {
      ...common,
      secretId: keys.TENCENTCLOUD_SECRETID,
      secretKey: keys.TENCENTCLOUD_SECRETKEY,
      sessionToken: keys.TENCENTCLOUD_SESSIONTOKEN,
    };
  }
  const keys = readEnvironment(ownKeysSchema, environment, code);
  return {
    ...common,
    secretId: keys.TENCENTCLOUD_SECRET_ID,
    secretKey: keys.TENCENTCLOUD_SECRET_KEY,
    sessionToken: undefined,
  };
}

function withDeployedNames(given: Environment): Environment {
  return {
    ...given,
    TENCENTCLOUD_REGION: given["COS_REGION"] || given["TENCENTCLOUD_REGION"],
    TENCENTCLOUD_SECRET_ID: given["COS_SECRET_ID"] || given["TENCENTCLOUD_SECRET_ID"],
    TENCENTCLOUD_SECRET_KEY: given["COS_SECRET_KEY"] || given["TENCENTCLOUD_SECRET_KEY"],
  };
}

/** The store over the real COS SDK; `endpoint` (development) points it at a loopback server. */
export function createObjectStore(config: StoreConfig): FunctionStore {
  const cos = new COS({
    SecretId: config.secretId,
    SecretKey: config.secretKey,
    Timeout: ATTEMPT_TIMEOUT_MS,
    ...(config.sessionToken === undefined ? {} : { SecurityToken: config.sessionToken }),
    ...(config.endpoint === undefined
      ? {}
      : { Protocol: "http:", Domain: `${config.endpoint}/{Bucket}` }),
  });
  const at = (key: string) => ({ Bucket: config.bucket, Region: config.region, Key: key });

  return {
    async head(key, signal) {
      try {
        const { headers } = await inTime(cos.headObject(at(key)), signal);
        checkIsStores(headers, `look at ${key}`);
        return { bytes: Number(headers?.["content-length"] ?? 0) };
      } catch (error) {
        return nullWhenMissing(error, "look at an object");
      }
    },

    async get(key, bytesMax, signal) {
      try {
        // One byte more than allowed is enough to know; a server that ignores Range is checked below.
        const params = { ...at(key), Range: `bytes=0-${bytesMax}` };
        const { Body, headers } = await inTime(cos.getObject(params), signal);
        checkIsStores(headers, `read ${key}`);
        if (Body.byteLength > bytesMax) {
          throw new FunctionError(
            "IMAGE_TOO_LARGE",
            `The object is larger than ${bytesMax / 1_000_000} MB.`,
          );
        }
        return { body: Body, ...makingOf(headers) };
      } catch (error) {
        if (statusOf(error) === 416) return { body: Buffer.alloc(0) };
        return nullWhenMissing(error, "read an object");
      }
    },

    async put(key, body, options, signal) {
      try {
        const { contentType: ContentType, ...making } = options;
        const params = { ...at(key), Body: body, ContentType, ...headersOf(making) };
        const { ETag, headers } = await inTime(cos.putObject(params), signal);
        checkIsStores(headers, `write ${key}`);
        if (!ETag) throw notStores(`write ${key}`, "NO_ETAG");
      } catch (error) {
        throw storageError(error, "write an object", "unknown");
      }
    },
  };
}

/** The SDK takes no signal, so we stop waiting; a request under way ends by its own timeout. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const total = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_TIMEOUT_MS)]);
  return untilAborted(work, total, () => ({ code: "TIMEOUT" }));
}

const MEMBERS = ["provider", "model", "insteadOf"] as const satisfies readonly (keyof Making)[];

function headersOf(making: Making): Record<string, string> {
  const entries = MEMBERS.map((name) => [HEADERS[name], making[name] ?? ""] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}

function makingOf(headers: Readonly<Record<string, unknown>> | undefined): Making {
  const entries = MEMBERS.map((name) => [name, headers?.[HEADERS[name]]] as const);
  return Object.fromEntries(
    entries.filter(([, value]) => typeof value === "string" && value !== ""),
  ) as Making; // names and texts, by the line above
}

/** The SDK rejects with plain objects as often as with errors; both carry these two. */
const wireErrorSchema = z.object({
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
  statusCode: z.number().optional().catch(undefined),
  headers: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
function wireError(error: unknown): z.output<typeof wireErrorSchema> {
  const parsed = wireErrorSchema.safeParse(error);
  return parsed.success ? parsed.data : {};
}

const REQUEST_ID = "x-cos-request-id";

/** An answer that is none of the store's, such as a proxy's or a captive portal's page, proves nothing of the object. */
function checkIsStores(headers: Readonly<Record<string, unknown>> | undefined, doing: string) {
  if (headers?.[REQUEST_ID] === undefined) throw notStores(doing, "NOT_COS");
}

const notStores = (doing: string, providerCode: string) =>
  new FunctionError(
    "STORAGE_FAILED",
    `The object store could not ${doing}: the answer is none of its own.`,
    { ran: "unknown", providerCode },
  );

const statusOf = (error: unknown) => wireError(error).statusCode;

function nullWhenMissing(error: unknown, doing: string): null {
  // "NoSuchBucket" is no missing object: it would be generated again and again.
  const { code, statusCode, headers } = wireError(error);
  const isStores = headers?.[REQUEST_ID] !== undefined;
  if (statusCode === 404 && isStores && code !== "NoSuchBucket") return null;
  throw storageError(error, doing, "no");
}

function storageError(error: unknown, doing: string, ran: "no" | "unknown"): FunctionError {
  if (error instanceof FunctionError) return error;
  const { code, statusCode, headers } = wireError(error);
  const providerCode = String(code ?? statusCode ?? "UNKNOWN");
  const theirsMs = Date.parse(String(headers?.["date"]));
  const isSkewed = statusCode === 403 && Math.abs(theirsMs - Date.now()) > SKEW_MAX_MS;
  if (code === "RequestTimeTooSkewed" || isSkewed) {
    const message = `The object store refused to ${doing}: the function's clock is wrong.`;
    return new FunctionError("STORAGE_CREDENTIALS", message, { providerCode });
  }
  if (statusCode === 401 || statusCode === 403) {
    return new FunctionError("STORAGE_CREDENTIALS", `The object store refused to ${doing}.`, {
      providerCode,
    });
  }
  return new FunctionError("STORAGE_FAILED", `The object store could not ${doing}.`, {
    ran,
    providerCode,
  });
}
