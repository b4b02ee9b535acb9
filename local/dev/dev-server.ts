import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { hashPassword } from "../../api/passwords.ts";
import { issueToken } from "../../api/tokens.ts";
import { newId } from "../../core/model/ids.ts";
import { createLog } from "../../core/resilience/log.ts";
import { openHouse, type House } from "../../commands/all-in-one.ts";
import { loadEnvironment } from "../../runtime/load-environment.ts";
import { drawSampleGarment } from "../samples/draw-sample-garment.ts";
import { redisPlaceOf } from "../../runtime/redis-address.ts";

const DATA = ".data";
const CREDITS = 1_000;
const loginSchema = z.object({ email: z.string(), password: z.string(), jwtSecret: z.string() });
type Login = z.infer<typeof loginSchema>;

/** One run of `npm run dev`: the house, and a customer to try it as. Stops on SIGTERM or when its parent is gone. */
async function main(): Promise<void> {
  const environment = loadEnvironment(process.env);
  const login = readLogin(join(DATA, "dev-login.json"));
  const log = createLog({
    format: "pretty",
    level: "all",
    write: (line) => process.stdout.write(`${line}\n`),
    nowMs: () => Date.now(),
  });
  const asked = stopAsked();
  const house = await openHouse({
    dataDir: DATA,
    log,
    databaseUrl: environment["DATABASE_URL"],
    redis: redisPlaceOf(environment),
    port: Number(environment["PORT"] ?? 3000),
    jwtSecret: login.jwtSecret,
    imageSourceAllow: environment["IMAGE_SOURCE_ALLOW"] ?? "",
    contentReview: environment["CONTENT_CHECK"] === "tencent" ? "pass" : null,
  });
  await tellHowToTry(house, login);
  await asked;
  await house.stop();
}

function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    // Ctrl-C reaches the whole group of processes: the parent passes it on as SIGTERM.
    process.on("SIGINT", () => undefined);
    process.once("SIGTERM", () => resolve());
    process.stdin.on("end", () => resolve()).resume();
  });
}

/** The same customer and secret at every start, so that a token outlives a restart. */
function readLogin(path: string): Login {
  if (existsSync(path)) return loginSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  const secret = (bytes: number) => randomBytes(bytes).toString("hex");
  const login = { email: "demo@example.com", password: secret(8), jwtSecret: secret(32) };
  writeFileSync(path, JSON.stringify(login, null, 2), { mode: 0o600 });
  return login;
}

async function tellHowToTry(house: House, { email, password, jwtSecret }: Login): Promise<void> {
  const { store } = house.deps;
  const createdAtMs = Date.now();
  const id = newId("usr", createdAtMs, house.deps.random);
  const passwordHash = await hashPassword(password);
  await store.createUser({ id, email, passwordHash, role: "customer", createdAtMs });
  const user = await store.findUserByEmail(email);
  if (user === null) throw new Error("the demo customer could not be made");
  await store.grant({
    id: `trf_dev_${user.id}`,
    userId: user.id,
    amount: CREDITS,
    reason: "development",
    actor: "system",
  });
  const photo = `u/${user.id}/up/sample.jpg`;
  await house.deps.objects.put(photo, await drawSampleGarment("dress", 0), "image/jpeg");
  const wish = {
    clothingImages: [house.deps.objects.objectUrl(photo)],
    sceneType: "street",
    stylePreference: "casual",
    options: { size: "1024x1024", quality: "standard", n: 1 },
  };
  const token = issueToken(jwtSecret, { userId: user.id, role: user.role }, Date.now());
  const lines = [
    "",
    `API      ${house.url}`,
    `Health   ${house.url}/health, ${house.url}/health/scf`,
    `Login    ${email} / ${password}`,
    `Token    ${token}`,
    `WeChat   the code dev-<name> signs in, say dev-anna; error-40226 is answered as such`,
    "Try      this; the answer comes when the picture is made, with its URL:",
    "",
    `curl -X POST ${house.url}/api/ai-image/generate -H "Authorization: Bearer ${token}" ` +
      `-H "Content-Type: application/json" -H "Prefer: wait=30" -d '${JSON.stringify(wish)}'`,
    "",
    "Stop     Ctrl-C",
    "",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
