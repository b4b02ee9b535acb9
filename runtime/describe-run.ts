import { createHash } from "node:crypto";
import type { TaskSettings } from "../core/model/task-settings.ts";
import type { LogFields } from "../core/ports/log.ts";
import { describeDatabase } from "./describe-config.ts";
import type { HandedOver } from "./create-deps.ts";

type Api = {
  readonly hostname: string;
  readonly port: number;
  readonly jwtSecret: string;
  readonly imageSourceAllow: string;
  readonly trustedProxies: string;
  readonly corsOrigins: string;
  readonly signUpCredits: { readonly byEmail: number; readonly byWechat: number };
};

export type Run = {
  readonly handed: HandedOver;
  readonly settings: TaskSettings;
  readonly api?: Api;
  readonly worker?: { readonly concurrency: number };
};

/**
 * What the parts of a process were given in the end, for one line after its start: whether two processes have the same
 * key can be seen without seeing the key, of which eight digits of a hash are shown.
 */
export function describeRun({ handed, settings, api, worker }: Run): LogFields {
  const { database, redis, cloud, wechat, review } = handed;
  return {
    database: describeDatabase(database.url),
    connections: database.connectionsMax,
    redis: redis === null ? undefined : `${redis.host}:${redis.port}`,
    redisLoginHash: hashOf(redis?.password),
    redisPrefix: redis?.prefix,
    region: cloud.region,
    bucket: cloud.bucket,
    functions: `${cloud.namespace}:${cloud.qualifier ?? "$DEFAULT"}`,
    cloudIdHash: hashOf(cloud.secretId),
    cloudKeyHash: hashOf(cloud.secretKey),
    scf: cloud.scfEndpoint,
    cos: cloud.cosEndpoint,
    imageModel: settings.imageModel,
    dispatchWindow: settings.limits.dispatchWindow,
    ...(api === undefined ? {} : describeApi(api, handed, settings)),
    ...(worker === undefined
      ? {}
      : {
          concurrency: worker.concurrency,
          jobsPerSecond: redis?.consumer.rateLimit?.max,
          imagesPerMinute: settings.calls.providerPerMinute["image-generator"],
          promptsPerMinute: settings.calls.providerPerMinute["prompt-generator"] ?? undefined,
          contentCheck: review ?? "off",
          contentCheckAt: cloud.moderationEndpoint,
        }),
    wechatApp: wechat?.appId,
  };
}

function describeApi(api: Api, { wechat }: HandedOver, settings: TaskSettings): LogFields {
  const { unitCosts } = settings;
  return {
    listen: `${api.hostname}:${api.port}`,
    jwtHash: hashOf(api.jwtSecret),
    imageSourceAllow: api.imageSourceAllow === "" ? undefined : api.imageSourceAllow,
    trustedProxies: api.trustedProxies,
    corsOrigins: api.corsOrigins === "" ? undefined : api.corsOrigins,
    wechatAt: wechat?.baseUrl,
    wechatKeyHash: hashOf(wechat?.appSecret),
    requestsPerMinute: settings.limits.requestsPerMinute,
    queueLimit: settings.limits.queueLimit,
    customerQueueLimit: settings.limits.customerQueueLimit,
    outageQueueLimit: settings.limits.outageQueueLimit,
    processStreams: settings.limits.processStreams,
    customerStreams: settings.limits.customerStreams,
    openUploads: settings.limits.openUploads,
    dailyUploadMegabytes: settings.limits.dailyUploadMegabytes,
    pricePreprocess: settings.prices.preprocess,
    pricePrompt: settings.prices.prompt,
    priceImage: settings.prices.image,
    signUpCredits: api.signUpCredits.byWechat,
    currency: unitCosts.currency,
    perImage: unitCosts.perImage ?? undefined,
    perMillionInput: unitCosts.perMillionInputTokens ?? undefined,
    perMillionOutput: unitCosts.perMillionOutputTokens ?? undefined,
    perGbSecond: unitCosts.perGbSecond ?? undefined,
    perMillionCalls: unitCosts.perMillionCalls ?? undefined,
  };
}

/** Undefined for what is not set. */
export function hashOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
