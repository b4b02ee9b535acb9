import { join, resolve } from "node:path";
import { FUNCTIONS, FUNCTION_NAMES } from "../../core/model/functions.ts";
import type { CloudOptions, CloudReady } from "./cloud-options.ts";
import { startControlServer } from "./control-server.ts";
import { startCosServer } from "./cos/cos-server.ts";
import { findNode } from "./find-node.ts";
import type { EmulatedFunction } from "./scf/function-pool.ts";
import { INSTANCES_MAX } from "./scf/scf-limits.ts";
import { startModerationServer } from "./moderation/moderation-server.ts";
import { startScfServer } from "./scf/scf-server.ts";

/** A fetch handler, such as the Hono app of the provider emulators. */
export type FetchApp = { fetch(request: Request): Response | Promise<Response> };

export type CloudParts = {
  /** Makes the emulators; asked only when the options want them. */
  readonly makeEmulators: (options: Pick<CloudOptions, "plainPictures">) => Promise<FetchApp>;
  readonly path: string;
  readonly log: (line: string) => void;
};

export type RunningCloud = { readonly ready: CloudReady; close(): Promise<void> };

/** Starts SCF, COS, IMS with TMS, the emulators and the control server, each on a free port of 127.0.0.1. Bun only. */
export async function runEmulatedCloud(
  options: CloudOptions,
  parts: CloudParts,
): Promise<RunningCloud> {
  const { secretId, secretKey, region, namespace, bucket } = options;
  const keys = { secretId, secretKey };
  const dataDir = resolve(options.dataDir);
  const node = findNode(parts.path);
  const emulators = options.providerEmulators ? serveApp(await parts.makeEmulators(options)) : null;
  const cos = await startCosServer({ keys, bucket, dir: join(dataDir, "objects") });
  const providersUrl = emulators === null ? null : `http://127.0.0.1:${emulators.port}`;
  const environment = functionEnvironment(options, { cosEndpoint: cos.endpoint, providersUrl });
  const scf = await startScfServer({
    keys,
    region,
    namespace,
    node,
    functions: FUNCTION_NAMES.map((name) => configured(name, options, environment)),
    scratchDir: join(dataDir, "scratch"),
    store: { bucket, read: (key) => cos.read(key) },
    ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
    ...(options.pendingPolls === undefined ? {} : { pendingPolls: options.pendingPolls }),
    log: parts.log,
  });
  const moderation = await startModerationServer({ keys, region });
  const control = await startControlServer({ scf, moderation: moderation.rules });

  return {
    ready: {
      ready: true,
      scfEndpoint: scf.endpoint,
      cosEndpoint: cos.endpoint,
      moderationEndpoint: moderation.endpoint,
      providersUrl,
      controlUrl: `http://${control.endpoint}`,
    },
    async close() {
      const servers = [scf, cos, moderation, control].map((server) => server.close());
      await Promise.all([...servers, emulators?.stop(true)]);
    },
  };
}

function serveApp(app: FetchApp) {
  // An emulator may take its time over a picture: no idle limit.
  return Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch: (r) => app.fetch(r) });
}

function configured(
  name: (typeof FUNCTION_NAMES)[number],
  options: CloudOptions,
  environment: Readonly<Record<string, string>>,
): EmulatedFunction {
  return {
    name,
    folder: resolve(options.functionsDir, name),
    timeoutMs: options.timeLimitsMs?.[name] ?? FUNCTIONS[name].timeoutMs,
    memoryMb: options.memoryLimitsMb?.[name] ?? FUNCTIONS[name].memoryMb,
    instancesMax: options.instancesMax?.[name] ?? INSTANCES_MAX,
    environment,
  };
}

/**
 * Under the names that a deployment gives (`functionVariables`): the platform sets neither an empty variable nor one of
 * its own. Real provider keys in `extraFunctionEnv` make the same bundles call the real providers. All emulators are
 * told, so that an order (`PROMPT_PROVIDERS`, `IMAGE_PROVIDERS`) is all that a trial of several needs.
 */
function functionEnvironment(
  options: CloudOptions,
  urls: { readonly cosEndpoint: string; readonly providersUrl: string | null },
): Readonly<Record<string, string>> {
  const providers =
    urls.providersUrl === null
      ? {}
      : {
          PROMPT_BASE_URL: `${urls.providersUrl}/v1`,
          PROMPT_API_KEY: "stand-in",
          PROMPT_MODEL: "hy-vision-2.0-instruct",
          TOKENHUB_BASE_URL: `${urls.providersUrl}/v1`,
          TOKENHUB_API_KEY: "stand-in",
          ARK_BASE_URL: `${urls.providersUrl}/api/v3`,
          ARK_API_KEY: "stand-in",
          OPENAI_BASE_URL: `${urls.providersUrl}/openai/v1`,
          OPENAI_API_KEY: "stand-in",
          OPENAI_MODEL: "stand-in",
        };
  const all = {
    COS_BUCKET: options.bucket,
    COS_ENDPOINT: urls.cosEndpoint,
    COS_REGION: options.region,
    COS_SECRET_ID: options.secretId,
    COS_SECRET_KEY: options.secretKey,
    IMAGE_SOURCE_ALLOW: options.imageSourceAllow ?? "",
    ...providers,
    ...options.extraFunctionEnv,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}
