import { parseArgs } from "node:util";
import { configuredModel } from "../../core/model/image-models.ts";
import { DEFAULT_TASK_SETTINGS } from "../../core/model/task-settings.ts";

export type DemoOptions = {
  readonly paths: readonly string[];
  readonly json: boolean;
  readonly scene: string;
  readonly style: string;
  readonly n: number;
  readonly size: string;
  readonly out: string;
  /** On real servers instead of the embedded engines. */
  readonly redis: boolean;
  readonly mysql: boolean;
  readonly help: boolean;
};

export const DEMO_USAGE = `npm run demo -- [photos or folders] [options]

  --scene NAME   studio, street, cafe, beach, park, home, office, city-night, white, indoor, outdoor   (studio)
  --style NAME   casual, elegant, sporty, business, vintage, minimalist, streetwear, romantic, modern   (elegant)
  --n COUNT      how many pictures, 1 to 10   (4)
  --size WxH     1024x1024, 864x1152, 1280x720, ...   (1024x1024)
  --out FOLDER   where the pictures go   (out)
  --redis        queue, events and limits on Redis with BullMQ: REDIS_HOST, or the redis-server of this machine
  --mysql        the database on MySQL or MariaDB: DATABASE_URL, or the server of this machine
  --json         print one JSON object instead of the story

Without photos the demo uses garment photos that it draws itself.`;

/** Throws an Error with words for the user when the command line cannot be understood. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      scene: { type: "string", default: "studio" },
      style: { type: "string", default: "elegant" },
      n: { type: "string", default: "4" },
      size: { type: "string", default: "1024x1024" },
      out: { type: "string", default: "out" },
      redis: { type: "boolean", default: false },
      mysql: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { sizes } = configuredModel(DEFAULT_TASK_SETTINGS.imageModel);
  if (!sizes.some((size) => size === values.size)) {
    throw new Error(`--size ${values.size}: there are ${sizes.join(", ")}.`);
  }
  const n = Number(values.n);
  if (!Number.isInteger(n) || n < 1 || n > 10)
    throw new Error("--n takes a whole number from 1 to 10.");
  return { ...values, paths: positionals, n };
}
