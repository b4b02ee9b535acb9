import { z } from "zod";
import { DEFAULT_PRICES } from "../../core/model/pricing.ts";
import { DEFAULT_TASK_SETTINGS } from "../../core/model/task-settings.ts";
import { API, configKey, hint, PROCESSES, set, WORKER, type Command } from "./config-key.ts";

const credits = z.coerce.number().int().min(0).max(1_000_000);
const price = (doc: string, value: number) =>
  configKey({
    schema: credits.default(value),
    doc,
    sample: set(String(value)),
    commands: API,
    to: "the price of a create",
  });
const count = z.coerce.number().int().min(1);
const money = z.coerce.number().min(0).max(1_000_000).optional();

export const WORK_KEYS = {
  IMAGE_MODEL: configKey({
    schema: z.string().default("doubao-seedream-4-0-250828"),
    doc: "Image model of Volcengine Ark; decides which sizes are allowed.",
    sample: set("doubao-seedream-4-0-250828"),
    commands: [...PROCESSES, "test:scf"],
    to: "the sizes that the API takes, the call of the image model",
  }),
  IMAGES_PER_MINUTE: configKey({
    schema: count.min(2).max(1_000_000).default(500),
    doc: "What the provider takes a minute of all processes together: pictures, and prompts (left out, there is no such limit).",
    sample: set("500"),
    commands: WORKER,
    to: "the limit before image-generator",
  }),
  PROMPTS_PER_MINUTE: configKey({
    schema: count.min(2).max(1_000_000).optional(),
    doc: "",
    sample: hint("300"),
    commands: WORKER,
    to: "the limit before prompt-generator",
  }),
  CONTENT_CHECK: configKey({
    schema: z.enum(["off", "tencent"]).default("off"),
    doc: "\noff, or tencent: words and pictures are checked by Tencent's TMS and IMS, with the keys above, before anything is made\nof them and before a picture is delivered. Then what becomes of what a person should look at: pass (noted) or block.",
    sample: set("off"),
    commands: WORKER,
    to: "the content check",
  }),
  CONTENT_CHECK_REVIEW: configKey({
    schema: z.enum(["pass", "block"]).default("pass"),
    doc: "",
    sample: set("pass"),
    commands: WORKER,
    to: "the content check",
  }),
  PRICE_PREPROCESS: price(
    "Credits for a prepared photo, a prompt and a picture. A task keeps the prices of its create.",
    DEFAULT_PRICES.preprocess,
  ),
  PRICE_PROMPT: price("", DEFAULT_PRICES.prompt),
  PRICE_IMAGE: price("", DEFAULT_PRICES.image),
  SIGNUP_CREDITS: configKey({
    schema: credits.optional(),
    doc: "Credits that a new customer is given. Left out, 100 in development and none in production, where only who signs in with\nWeChat is given any: e-mail addresses are not verified, and whoever makes ten has ten bonuses.",
    sample: hint("20"),
    commands: API,
    to: "sign-up",
  }),
  RATE_LIMIT_PER_MINUTE: configKey({
    schema: count.max(1_000_000).default(600),
    doc: "HTTP requests of one customer.",
    sample: set("600"),
    commands: API,
    to: "the API's rate limit",
  }),
  DISPATCH_WINDOW: configKey({
    schema: count.max(10_000).default(32),
    doc: "Tasks that the queue holds at a time: at least twice what all workers run at a time.",
    sample: set("32"),
    commands: PROCESSES,
    to: "the dispatch of tasks to the queue",
  }),
  QUEUE_LIMIT: configKey({
    schema: count.default(DEFAULT_TASK_SETTINGS.limits.queueLimit),
    doc: "Tasks that may wait; a create beyond is refused with 503 QUEUE_FULL. How many of one customer may wait or run (429\nTOO_MANY_TASKS), and how many may wait while Redis is away and nothing is done.",
    sample: set("100000"),
    commands: API,
    to: "the check of a create",
  }),
  CUSTOMER_QUEUE_LIMIT: configKey({
    schema: count.default(DEFAULT_TASK_SETTINGS.limits.customerQueueLimit),
    doc: "",
    sample: set("10000"),
    commands: API,
    to: "the check of a create",
  }),
  OUTAGE_QUEUE_LIMIT: configKey({
    schema: count.default(DEFAULT_TASK_SETTINGS.limits.outageQueueLimit),
    doc: "",
    sample: set("5000"),
    commands: API,
    to: "the check of a create while Redis is away",
  }),
  STREAM_LIMIT: configKey({
    schema: count.max(1_000_000).default(DEFAULT_TASK_SETTINGS.limits.processStreams),
    doc: "Event streams and waiting requests (Prefer: wait) that one API process may have open (503 UNAVAILABLE beyond), and of\nthose one customer (429 TOO_MANY_STREAMS).",
    sample: set("5000"),
    commands: API,
    to: "the API's open streams",
  }),
  CUSTOMER_STREAM_LIMIT: configKey({
    schema: count.max(1_000_000).default(DEFAULT_TASK_SETTINGS.limits.customerStreams),
    doc: "",
    sample: set("200"),
    commands: API,
    to: "the API's open streams",
  }),
  CUSTOMER_UPLOAD_LIMIT: configKey({
    schema: count.max(1_000_000).default(DEFAULT_TASK_SETTINGS.limits.openUploads),
    doc: "Upload forms of one customer that are open, neither named in a task nor expired, and the megabytes that one customer\nmay upload in a day (429 TOO_MANY_UPLOADS).",
    sample: set("500"),
    commands: API,
    to: "the check of an upload",
  }),
  CUSTOMER_UPLOAD_MEGABYTES: configKey({
    schema: count
      .min(100)
      .max(1_000_000_000)
      .default(DEFAULT_TASK_SETTINGS.limits.dailyUploadMegabytes),
    doc: "",
    sample: set("200000"),
    commands: API,
    to: "the check of an upload",
  }),
};

/** `test:scf` says by them what it is about to buy. */
const COSTS: readonly Command[] = [...API, "test:scf"];
const costs = (doc: string, value: string) =>
  configKey({
    schema: money,
    doc,
    sample: hint(value),
    commands: COSTS,
    to: "the report of costs",
  });

export const COST_KEYS = {
  COST_CURRENCY: configKey({
    schema: z
      .string()
      .regex(/^[A-Z]{3}$/, "three capital letters: CNY")
      .default("CNY"),
    doc: "",
    sample: hint("CNY"),
    commands: COSTS,
    to: "the report of costs",
  }),
  COST_PER_IMAGE: costs(
    "One delivered picture, a million tokens of the prompt's model, and SCF's GB-seconds and calls, by your own bills.",
    "0.20",
  ),
  COST_PER_MILLION_INPUT_TOKENS: costs("", "3"),
  COST_PER_MILLION_OUTPUT_TOKENS: costs("", "9"),
  COST_PER_GB_SECOND: costs("", "0.00011108"),
  COST_PER_MILLION_CALLS: costs("", "1.33"),
};
