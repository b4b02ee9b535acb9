import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";

/** Tells the child that nobody else named its database: the demo customer may go there. */
export const OWN_DATABASE = "--own-database";
const FILE = ".data/dev.json";

const accessSchema = z.object({
  secretId: z.string(),
  secretKey: z.string(),
  region: z.string(),
  bucket: z.string(),
  namespace: z.string(),
  scfEndpoint: z.string().optional(),
  cosEndpoint: z.string().optional(),
});

const runningSchema = z.object({
  pid: z.number().int(),
  url: z.string(),
  /** The emulated cloud; null when the product works on Tencent Cloud itself. */
  cloud: accessSchema.nullable(),
  /** Whether every picture and prompt is the emulators', which cost nothing. */
  paysNothing: z.boolean(),
  /** Of the demo customer; null in a database that somebody named. */
  login: z.object({ email: z.string(), password: z.string() }).nullable(),
});
export type RunningDev = z.infer<typeof runningSchema>;

/** Says to the commands that try a deployment out what `npm run dev` runs; for this user's eyes alone. */
export function writeRunningDev(running: RunningDev): void {
  writeFileSync(FILE, JSON.stringify(running, null, 2), { mode: 0o600 });
}

export function forgetRunningDev(): void {
  rmSync(FILE, { force: true });
}

/** What `npm run dev` of this folder runs now; null when it does not run. */
export function readRunningDev(): RunningDev | null {
  if (!existsSync(FILE)) return null;
  const running = runningSchema.safeParse(JSON.parse(readFileSync(FILE, "utf8"))).data ?? null;
  return running !== null && isAlive(running.pid) ? running : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
