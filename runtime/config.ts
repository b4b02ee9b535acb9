import { z } from "zod";
import { DEFAULT_TASK_SETTINGS } from "../core/model/task-settings.ts";

const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().min(1);
/** `host`, `host:port` or `[address]:port`. */
export const REDIS_PLACE = /^(\[[\da-f:]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;
const money = z.coerce.number().min(0).max(1_000_000).optional();
const WECHAT_ITSELF = "https://api.weixin.qq.com";
const hostPort = /^[\w.-]+:\d{1,5}$/;

/** Every variable that a process of ours reads. `.env.production` explains them one by one. */
const environmentSchema = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  HOST: z.string().default("127.0.0.1"),
  PORT: port.default(3000),
  DATABASE_URL: z.string().default("sqlite:.data/drape.sqlite"),
  DATABASE_CONNECTIONS: count.max(500).default(16),
  REDIS_HOST: z.string().regex(REDIS_PLACE, "must be host or host:port").optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w{}-]{1,40}$/)
    .default("{drape}"),
  JWT_SECRET: z.string().min(32, "needs 32 characters or more: openssl rand -base64 48"),
  TENCENTCLOUD_SECRET_ID: z.string().min(1),
  TENCENTCLOUD_SECRET_KEY: z.string().min(1),
  TENCENTCLOUD_REGION: z.string().min(1).default("ap-guangzhou"),
  COS_BUCKET: z.string().regex(/^[a-z0-9-]+-\d+$/, 'needs its APPID: "name-1250000000"'),
  SCF_NAMESPACE: z.string().default("default"),
  SCF_QUALIFIER: z
    .string()
    .regex(/^(\$LATEST|\$DEFAULT|\d{1,9}|[a-zA-Z][\w-]{0,63})$/, "must be an alias or a version")
    .default("live"),
  SCF_ENDPOINT: z.string().regex(hostPort).optional(),
  COS_ENDPOINT: z.string().regex(hostPort).optional(),
  WECHAT_APP_ID: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  WECHAT_APP_SECRET: z.string().min(1).optional(),
  WECHAT_BASE_URL: z.url({ protocol: /^https?$/ }).default(WECHAT_ITSELF),
  CONTENT_CHECK: z.enum(["off", "tencent"]).default("off"),
  CONTENT_CHECK_REVIEW: z.enum(["pass", "block"]).default("pass"),
  CONTENT_CHECK_ENDPOINT: z.string().regex(hostPort).optional(),
  IMAGE_MODEL: z.string().default("doubao-seedream-4-0-250828"),
  IMAGE_SOURCE_ALLOW: z.string().default(""),
  IMAGES_PER_MINUTE: count.min(2).max(1_000_000).default(500),
  PROMPTS_PER_MINUTE: count.min(2).max(1_000_000).optional(),
  WORKER_CONCURRENCY: count.max(64).default(8),
  WORKER_JOBS_PER_SECOND: count.max(10_000).optional(),
  RATE_LIMIT_PER_MINUTE: count.max(1_000_000).default(600),
  DISPATCH_WINDOW: count.max(10_000).default(32),
  QUEUE_LIMIT: count.default(DEFAULT_TASK_SETTINGS.queueLimit),
  CUSTOMER_QUEUE_LIMIT: count.default(DEFAULT_TASK_SETTINGS.customerQueueLimit),
  OUTAGE_QUEUE_LIMIT: count.default(DEFAULT_TASK_SETTINGS.outageQueueLimit),
  COST_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default("CNY"),
  COST_PER_IMAGE: money,
  COST_PER_MILLION_INPUT_TOKENS: money,
  COST_PER_MILLION_OUTPUT_TOKENS: money,
  COST_PER_GB_SECOND: money,
  COST_PER_MILLION_CALLS: money,
  LOG_LEVEL: z.enum(["all", "quiet"]).default("all"),
  ALLOW_STAND_INS: z.enum(["true", "false"]).default("false"),
});

export type Config = z.infer<typeof environmentSchema>;

export const PLACEHOLDER = /__SET_ME__/;

/**
 * Reads the environment once and tells all its faults at once, each with its variable. In production
 * placeholders, plain-http image sources and the loopback cloud are refused.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environmentSchema.safeParse(given);
  const faults = parsed.success
    ? [...halfFaults(parsed.data), ...productionFaults(parsed.data)]
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const placeholders = Object.keys(environmentSchema.shape).filter((name) =>
    PLACEHOLDER.test(String(given[name] ?? "")),
  );
  const others = faults.filter(
    (fault) => !placeholders.some((name) => fault.startsWith(`${name}:`)),
  );
  const all = [...placeholders.map((name) => `${name}: still a placeholder, set it`), ...others];
  if (all.length > 0 || !parsed.success) {
    throw new Error(`The configuration has ${all.length} fault(s):\n  ${all.join("\n  ")}`);
  }
  return parsed.data;
}

/** What is nothing without its other half. */
function halfFaults({ WECHAT_APP_ID, WECHAT_APP_SECRET }: Config): string[] {
  if ((WECHAT_APP_ID === undefined) === (WECHAT_APP_SECRET === undefined)) return [];
  const missing = WECHAT_APP_ID === undefined ? "WECHAT_APP_ID" : "WECHAT_APP_SECRET";
  return [`${missing}: WeChat sign-in needs both WECHAT_APP_ID and WECHAT_APP_SECRET`];
}

function productionFaults(config: Config): string[] {
  if (config.NODE_ENV !== "production") return [];
  const faults: string[] = [];
  if (config.IMAGE_SOURCE_ALLOW !== "")
    faults.push("IMAGE_SOURCE_ALLOW: leave it out in production");
  for (const name of ["SCF_ENDPOINT", "COS_ENDPOINT", "CONTENT_CHECK_ENDPOINT"] as const) {
    if (config[name] !== undefined && config.ALLOW_STAND_INS !== "true") {
      faults.push(
        `${name}: the loopback cloud is refused in production (ALLOW_STAND_INS=true allows it)`,
      );
    }
  }
  if (!config.WECHAT_BASE_URL.startsWith("https:") && config.ALLOW_STAND_INS !== "true") {
    faults.push(
      "WECHAT_BASE_URL: the secret goes there, https only (ALLOW_STAND_INS=true allows it)",
    );
  }
  return faults;
}
