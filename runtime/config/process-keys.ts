import { z } from "zod";
import {
  API,
  APART,
  COMMANDS,
  configKey,
  DATABASE,
  hint,
  placeholder,
  PROCESSES,
  set,
  WORKER,
} from "./config-key.ts";

const count = z.coerce.number().int().min(1);
/** `host`, `host:port` or `[address]:port`. */
export const REDIS_ADDRESS = /^(\[[\da-f:]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;
const WECHAT_ITSELF = "https://api.weixin.qq.com";

export const PROCESS_KEYS = {
  NODE_ENV: configKey({
    schema: z.enum(["production", "development", "test"]).default("development"),
    doc: "production refuses emulators, plain http and every missing key, and logs JSON lines; anything else is for development.\nWhat the process was started with wins over this line; npm run dev ignores it.",
    sample: set("production"),
    commands: COMMANDS,
    to: "what is refused, the log's form",
  }),
  HOST: configKey({
    schema: z.string().default("127.0.0.1"),
    doc: "Address and port of the API. Keep it behind the CDN or a proxy.",
    sample: set("0.0.0.0"),
    commands: API,
    to: "the API's server",
  }),
  PORT: configKey({
    schema: z.coerce.number().int().min(0).max(65_535).default(3000),
    doc: "",
    sample: set("3000"),
    commands: API,
    to: "the API's server",
  }),
  TRUSTED_PROXIES: configKey({
    schema: z
      .string()
      .refine(isHopsOrRanges, "a number of proxies, as 1, or their ranges, as 10.0.0.0/8,fd00::/8")
      .default("0"),
    doc: "What stands before the API and adds to X-Forwarded-For: how many proxies (1; 2 with a CDN before it, whose addresses\nchange), or the ranges of their addresses. Limits count customers by the address that the proxies name; 0 reads no header.\nWith a number, let nobody reach the port but by the proxies.",
    sample: set("1"),
    commands: API,
    to: "the addresses that limits count by",
  }),
  CORS_ORIGINS: configKey({
    schema: z
      .string()
      .refine(areOrigins, "origins with commas: https://shop.example.com")
      .optional(),
    doc: "Origins whose web pages may call the API. Left out: none in production, else every page of this machine.",
    sample: hint("https://shop.example.com"),
    commands: API,
    to: "the API's CORS headers",
  }),
  LOG_LEVEL: configKey({
    schema: z.enum(["all", "quiet"]).default("all"),
    doc: "all or quiet (failures only). Production writes JSON lines.",
    sample: set("all"),
    commands: PROCESSES,
    to: "the log",
  }),
};

export const DATABASE_KEYS = {
  DATABASE_URL: configKey({
    schema: z
      .string()
      .regex(
        /^(mysql:\/\/|sqlite:)/,
        "must be mysql://user:password@host:port/name or sqlite:<path>",
      )
      .default("sqlite:.data/drape.sqlite"),
    doc: "mysql://user:password@host:port/name (?tls=true when the server shall prove itself), or sqlite:<path> on a disk that\nsurvives the container, for one process alone. Run db:migrate before start:api and start:worker.",
    sample: placeholder,
    commands: DATABASE,
    requiredBy: APART,
    to: "the database adapter",
  }),
  DATABASE_CONNECTIONS: configKey({
    schema: count.max(500).default(16),
    doc: "Connections of one process, at most.",
    sample: set("16"),
    commands: PROCESSES,
    to: "the database adapter's pool",
  }),
};

export const REDIS_KEYS = {
  REDIS_HOST: configKey({
    schema: z.string().regex(REDIS_ADDRESS, "must be host or host:port").optional(),
    doc: "host or host:port. Left out, `npm start` keeps all that in memory; start:api and start:worker need it.",
    sample: placeholder,
    commands: PROCESSES,
    requiredBy: APART,
    to: "the Redis adapters; none: the in-memory ones",
  }),
  REDIS_PASSWORD: configKey({
    schema: z.string().optional(),
    doc: "",
    sample: hint(""),
    commands: PROCESSES,
    to: "the Redis connections",
  }),
  REDIS_PREFIX: configKey({
    schema: z
      .string()
      .regex(/^[\w{}-]{1,40}$/, "letters, digits, - and _ in braces: {drape}")
      .default("{drape}"),
    doc: "Before every key; in braces, so that all are on one node of a cluster.",
    sample: set("{drape}"),
    commands: PROCESSES,
    to: "every Redis key",
  }),
};

export const SIGN_IN_KEYS = {
  JWT_SECRET: configKey({
    schema: z.string().min(32, "needs 32 characters or more: openssl rand -base64 48").optional(),
    doc: "Signs access tokens; 32 characters or more: openssl rand -base64 48",
    sample: placeholder,
    commands: API,
    requiredBy: ["start:api"],
    requiredInProduction: true,
    to: "the API's access tokens",
  }),
  WECHAT_APP_ID: configKey({
    schema: z
      .string()
      .regex(/^[\w-]{1,64}$/)
      .optional(),
    doc: "\nWeChat mini-program (mp.weixin.qq.com, development settings). Left out, /api/v1/auth/wechat is not there.",
    sample: hint("wx…"),
    commands: API,
    to: "WeChat sign-in",
  }),
  WECHAT_APP_SECRET: configKey({
    schema: z.string().min(1).optional(),
    doc: "",
    sample: hint(""),
    commands: API,
    to: "WeChat sign-in",
  }),
  WECHAT_BASE_URL: configKey({
    schema: z.url({ protocol: /^https?$/ }).default(WECHAT_ITSELF),
    doc: "",
    sample: hint(WECHAT_ITSELF),
    commands: API,
    to: "WeChat sign-in",
  }),
};

export const WORKER_KEYS = {
  WORKER_CONCURRENCY: configKey({
    schema: count.max(64).default(8),
    doc: "Tasks that one worker runs at a time.",
    sample: set("8"),
    commands: WORKER,
    to: "the worker",
  }),
  WORKER_JOBS_PER_SECOND: configKey({
    schema: count.max(10_000).optional(),
    doc: "Jobs a second of all workers together, with Redis; left out, there is no such limit.",
    sample: hint("50"),
    commands: WORKER,
    to: "BullMQ's rate limiter",
  }),
};

function isHopsOrRanges(text: string): boolean {
  if (/^\d$/.test(text)) return true;
  const range = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
  return listOf(text).every((entry) => range.safeParse(entry).success);
}

function areOrigins(text: string): boolean {
  return listOf(text).every((entry) => {
    const url = URL.parse(entry);
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === entry;
  });
}

const listOf = (text: string): string[] => text.split(",").map((entry) => entry.trim());
