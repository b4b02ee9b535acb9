import { hashOf } from "../runtime/describe-run.ts";
import type { Command } from "../runtime/config/config-key.ts";
import type { ConfigName } from "../runtime/config/config-table.ts";

/** A value that is no default, and where the line "runs with" of a process says it: a field, and what is in it. */
export type Seen = {
  readonly value: string;
  readonly field: string;
  readonly says: string | number;
};

/** Of every key that a long-running process reads; those of servers and clouds are filled in by the test. */
export function processKeys(
  at: Readonly<Record<string, string>>,
): Partial<Record<ConfigName, Seen>> {
  const is = (value: string, field: string, says: string | number = value): Seen => ({
    value,
    field,
    says,
  });
  const hashed = (value: string, field: string) => is(value, field, hashOf(value) ?? "");
  const number = (value: number, field: string) => is(String(value), field, value);
  const given = (name: string) => at[name] ?? "";
  return {
    HOST: is("127.0.0.2", "listen", `127.0.0.2:${given("PORT")}`),
    PORT: is(given("PORT"), "listen", `127.0.0.2:${given("PORT")}`),
    TRUSTED_PROXIES: is("10.0.0.0/8,::1", "trustedProxies"),
    CORS_ORIGINS: is("https://shop.example.com", "corsOrigins"),
    DATABASE_URL: is(given("DATABASE_URL"), "database", given("databaseSaid")),
    DATABASE_CONNECTIONS: number(7, "connections"),
    REDIS_HOST: is(given("REDIS_HOST"), "redis"),
    REDIS_PASSWORD: hashed(given("REDIS_PASSWORD"), "redisLoginHash"),
    REDIS_PREFIX: is("{table}", "redisPrefix"),
    JWT_SECRET: hashed("a secret of more than thirty-two characters", "jwtHash"),
    WECHAT_APP_ID: is("wx-table", "wechatApp"),
    WECHAT_APP_SECRET: hashed("wechat-secret", "wechatKeyHash"),
    WECHAT_BASE_URL: is("http://127.0.0.1:9/", "wechatAt"),
    TENCENTCLOUD_SECRET_ID: hashed(given("TENCENTCLOUD_SECRET_ID"), "cloudIdHash"),
    TENCENTCLOUD_SECRET_KEY: hashed(given("TENCENTCLOUD_SECRET_KEY"), "cloudKeyHash"),
    TENCENTCLOUD_REGION: is("ap-shanghai", "region"),
    COS_BUCKET: is("table-1250000001", "bucket"),
    SCF_NAMESPACE: is("table", "functions", "table:beta"),
    SCF_QUALIFIER: is("beta", "functions", "table:beta"),
    SCF_ENDPOINT: is(given("SCF_ENDPOINT"), "scf"),
    COS_ENDPOINT: is(given("COS_ENDPOINT"), "cos"),
    CONTENT_CHECK: is("tencent", "contentCheck", "block"),
    CONTENT_CHECK_REVIEW: is("block", "contentCheck", "block"),
    CONTENT_CHECK_ENDPOINT: is(given("CONTENT_CHECK_ENDPOINT"), "contentCheckAt"),
    IMAGE_SOURCE_ALLOW: is("127.0.0.1:8081", "imageSourceAllow"),
    IMAGE_MODEL: is("doubao-seedream-4-5-251128", "imageModel"),
    IMAGES_PER_MINUTE: number(41, "imagesPerMinute"),
    PROMPTS_PER_MINUTE: number(42, "promptsPerMinute"),
    WORKER_CONCURRENCY: number(3, "concurrency"),
    WORKER_JOBS_PER_SECOND: number(44, "jobsPerSecond"),
    PRICE_PREPROCESS: number(51, "pricePreprocess"),
    PRICE_PROMPT: number(52, "pricePrompt"),
    PRICE_IMAGE: number(53, "priceImage"),
    SIGNUP_CREDITS: number(54, "signUpCredits"),
    RATE_LIMIT_PER_MINUTE: number(45, "requestsPerMinute"),
    DISPATCH_WINDOW: number(46, "dispatchWindow"),
    QUEUE_LIMIT: number(470, "queueLimit"),
    CUSTOMER_QUEUE_LIMIT: number(48, "customerQueueLimit"),
    OUTAGE_QUEUE_LIMIT: number(49, "outageQueueLimit"),
    STREAM_LIMIT: number(50, "processStreams"),
    CUSTOMER_STREAM_LIMIT: number(51, "customerStreams"),
    CUSTOMER_UPLOAD_LIMIT: number(52, "openUploads"),
    CUSTOMER_UPLOAD_MEGABYTES: number(530, "dailyUploadMegabytes"),
    COST_CURRENCY: is("EUR", "currency"),
    COST_PER_IMAGE: number(0.5, "perImage"),
    COST_PER_MILLION_INPUT_TOKENS: number(1.5, "perMillionInput"),
    COST_PER_MILLION_OUTPUT_TOKENS: number(2.5, "perMillionOutput"),
    COST_PER_GB_SECOND: number(0.25, "perGbSecond"),
    COST_PER_MILLION_CALLS: number(3.5, "perMillionCalls"),
  };
}

export type Arrival = {
  readonly command: Command;
  readonly name: ConfigName;
  readonly arrived: boolean;
};

/** A row a key, a column a command: what was seen to arrive. */
export function arrivalTable(arrivals: readonly Arrival[], commands: readonly Command[]): string {
  const names = [...new Set(arrivals.map(({ name }) => name))];
  const width = Math.max(...names.map((name) => name.length));
  const head = `${"".padEnd(width)}  ${commands.join("  ")}`;
  const rows = names.map((name) => {
    const cells = commands.map((command) => {
      const found = arrivals.find((one) => one.name === name && one.command === command);
      const mark = found === undefined ? "" : found.arrived ? "yes" : "-";
      return mark.padEnd(command.length);
    });
    return `${name.padEnd(width)}  ${cells.join("  ")}`.trimEnd();
  });
  return [head, ...rows].join("\n");
}
