import type { Config } from "../core/config.ts";
import type { TaskSettings } from "../core/task-settings.ts";

/** What the configuration says about the work. */
export function settingsOf(config: Config): Partial<TaskSettings> {
  return { imageModel: config.IMAGE_MODEL, dispatchWindow: config.DISPATCH_WINDOW };
}
