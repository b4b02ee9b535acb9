import type { Config } from "../core/config.ts";
import type { TaskSettings } from "../core/task-settings.ts";

/** What the configuration says about the work. */
export function settingsOf(config: Config): Partial<TaskSettings> {
  return {
    imageModel: config.IMAGE_MODEL,
    dispatchWindow: config.DISPATCH_WINDOW,
    requestsPerMinute: config.RATE_LIMIT_PER_MINUTE,
    queueLimit: config.QUEUE_LIMIT,
    customerQueueLimit: config.CUSTOMER_QUEUE_LIMIT,
    outageQueueLimit: config.OUTAGE_QUEUE_LIMIT,
  };
}
