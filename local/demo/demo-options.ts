import { parseArgs } from "node:util";

export type DemoOptions = {
  readonly paths: readonly string[];
  readonly json: boolean;
  readonly scene: string;
  readonly style: string;
  readonly n: number;
  readonly size: string;
  readonly out: string;
  readonly help: boolean;
};

export const DEMO_USAGE = `npm run demo -- [photos or folders] [options]

  --scene NAME   studio, street, cafe, beach, park, home, office, city-night, white   (studio)
  --style NAME   casual, elegant, sporty, business, vintage, minimalist, streetwear, romantic   (elegant)
  --n COUNT      how many pictures, 1 to 10   (4)
  --size WxH     1024x1024, 864x1152, 1280x720, ...   (1024x1024)
  --out FOLDER   where the pictures go   (out)
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
      help: { type: "boolean", default: false },
    },
  });
  const n = Number(values.n);
  if (!Number.isInteger(n) || n < 1 || n > 10)
    throw new Error("--n takes a whole number from 1 to 10.");
  const { json, scene, style, size, out, help } = values;
  return { paths: positionals, json, scene, style, n, size, out, help };
}
