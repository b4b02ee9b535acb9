import type { Config } from "./config/parse-config.ts";
import type { SettingsChange } from "../core/model/task-settings.ts";

/** What the configuration says about the work. */
export function taskSettingsOf(config: Config): SettingsChange {
  return {
    imageModel: config.IMAGE_MODEL,
    prices: {
      preprocess: config.PRICE_PREPROCESS,
      prompt: config.PRICE_PROMPT,
      image: config.PRICE_IMAGE,
    },
    limits: {
      dispatchWindow: config.DISPATCH_WINDOW,
      requestsPerMinute: config.RATE_LIMIT_PER_MINUTE,
      queueLimit: config.QUEUE_LIMIT,
      customerQueueLimit: config.CUSTOMER_QUEUE_LIMIT,
      outageQueueLimit: config.OUTAGE_QUEUE_LIMIT,
      customerStreams: config.CUSTOMER_STREAM_LIMIT,
      processStreams: config.STREAM_LIMIT,
      openUploads: config.CUSTOMER_UPLOAD_LIMIT,
      dailyUploadMegabytes: config.CUSTOMER_UPLOAD_MEGABYTES,
    },
    calls: {
      providerPerMinute: {
        "ai-image-processor": null,
        "prompt-generator": config.PROMPTS_PER_MINUTE ?? null,
        "image-generator": config.IMAGES_PER_MINUTE,
      },
    },
    unitCosts: {
      currency: config.COST_CURRENCY,
      perImage: config.COST_PER_IMAGE ?? null,
      perMillionInputTokens: config.COST_PER_MILLION_INPUT_TOKENS ?? null,
      perMillionOutputTokens: config.COST_PER_MILLION_OUTPUT_TOKENS ?? null,
      perGbSecond: config.COST_PER_GB_SECOND ?? null,
      perMillionCalls: config.COST_PER_MILLION_CALLS ?? null,
    },
  };
}
