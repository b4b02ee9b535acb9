import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { hashPassword } from "../api/passwords.ts";
import { issueToken } from "../api/tokens.ts";
import { newId } from "../core/ids.ts";
import { createLog } from "../core/log.ts";
import { openHouse, type House } from "./house.ts";
import { loadEnvironment } from "./load-environment.ts";

const DATA = ".data";
const CREDITS = 1_000;
const loginSchema = z.object({ email: z.string(), password: z.string(), jwtSecret: z.string() });
type Login = z.infer<typeof loginSchema>;

/** The whole product on a laptop, its data kept under `.data/`, with a customer to try it as. */
async function main(): Promise<void> {
  const environment = loadEnvironment(process.env);
  mkdirSync(DATA, { recursive: true });
  const login = readLogin(join(DATA, "dev-login.json"));
  const log = createLog({
    format: "pretty",
    level: "all",
    write: (line) => process.stdout.write(`${line}\n`),
    nowMs: () => Date.now(),
  });
  const port = Number(environment["PORT"] ?? 3000);
  const imageSourceAllow = environment["IMAGE_SOURCE_ALLOW"] ?? "";
  const house = await openHouse({
    dataDir: DATA,
    log,
    port,
    jwtSecret: login.jwtSecret,
    imageSourceAllow,
  });
  await tellHowToTry(house, login);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void house.stop().then(() => process.exit(0));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
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
  const id = newId("usr", createdAtMs);
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
  const token = issueToken(jwtSecret, { userId: user.id, role: user.role }, Date.now());
  const lines = [
    "",
    `API      ${house.url}`,
    `Login    ${email} / ${password}`,
    `Token    ${token}`,
    `Try      curl -H "Authorization: Bearer ${token}" ${house.url}/api/v1/credits`,
    "Stop     Ctrl-C",
    "",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
