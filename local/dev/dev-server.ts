import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { operatorText } from "../../core/model/errors.ts";
import { startAllInOne, type Product } from "../../commands/all-in-one.ts";
import { createLog } from "../../core/resilience/log.ts";
import { describeConfig } from "../../runtime/describe-config.ts";
import { loadEnvironment } from "../../runtime/load-environment.ts";
import { providerVariablesOf } from "../../runtime/provider-variables.ts";
import { readConfig } from "../../runtime/run-process.ts";
import { makeDemoCustomer, type Login } from "./demo-customer.ts";
import { forgetRunningDev, OWN_DATABASE, writeRunningDev } from "./running-dev.ts";

const DATA = ".data";
const loginSchema = z.object({ email: z.string(), password: z.string(), jwtSecret: z.string() });
type StoredLogin = z.infer<typeof loginSchema>;

/** One run of `npm run dev`: the product, and a customer to try it as. Stops on SIGTERM or when its parent is gone. */
async function main(): Promise<void> {
  mkdirSync(DATA, { recursive: true });
  const login = readLogin(join(DATA, "dev-login.json"));
  const loaded = loadEnvironment("dev", process.env);
  const variables = { JWT_SECRET: login.jwtSecret, ...loaded.variables };
  const config = readConfig("dev", { ...loaded, variables });
  const log = createLog({
    format: "pretty",
    level: config.LOG_LEVEL,
    write: (line) => process.stdout.write(`${line}\n`),
    nowMs: Date.now,
  });
  log.start("configuration", describeConfig(config, loaded));
  const stopRequested = waitForStop();
  const real = providerVariablesOf(variables);
  const product = await startAllInOne(config, {
    dataDir: DATA,
    log,
    embeddedCloud: { extraFunctionEnv: real },
  });
  const owns = process.argv.includes(OWN_DATABASE);
  const text = owns
    ? await makeDemoCustomer(product, login, config.JWT_SECRET ?? login.jwtSecret)
    : howToSignUp(product, config.DATABASE_URL);
  writeRunningDev({
    pid: process.pid,
    url: product.url,
    cloud: product.cloud === null ? null : product.handed.cloud,
    paysNothing: product.cloud !== null && Object.keys(real).length === 0,
    login: owns ? { email: login.email, password: login.password } : null,
  });
  process.stdout.write(`\n${[...addresses(product), ...text, "Stop     Ctrl-C"].join("\n")}\n\n`);
  await stopRequested;
  forgetRunningDev();
  await product.stop();
}

function waitForStop(): Promise<void> {
  return new Promise((resolve) => {
    // Ctrl-C reaches the whole group of processes: the parent passes it on as SIGTERM.
    process.on("SIGINT", () => undefined);
    process.once("SIGTERM", () => resolve());
    process.stdin.on("end", () => resolve()).resume();
  });
}

/** The same customer and secret at every start, so that a token outlives a restart. */
function readLogin(path: string): StoredLogin {
  if (existsSync(path)) return loginSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  const secret = (bytes: number) => randomBytes(bytes).toString("hex");
  const login = { email: "demo@example.com", password: secret(8), jwtSecret: secret(32) };
  writeFileSync(path, JSON.stringify(login, null, 2), { mode: 0o600 });
  return login satisfies Login;
}

function addresses({ url, cloud }: Product): readonly string[] {
  return [
    `API      ${url}`,
    `Health   ${url}/health, ${url}/health/scf`,
    ...(cloud === null
      ? []
      : [`Faults   ${cloud.controlUrl} makes the emulated cloud fail on purpose`]),
  ];
}

/** A database that somebody named may be full of real customers: nothing is written into it unasked. */
function howToSignUp({ url }: Product, databaseUrl: string): readonly string[] {
  const register = `curl -X POST ${url}/api/v1/auth/register -H "Content-Type: application/json"`;
  return [
    `Login    none was made: the database is one that you named (${databaseUrl.split(":")[0]})`,
    `Sign up  ${register} -d '{"email": "you@example.com", "password": "a long password"}'`,
    `Admin    npm run admin:make -- --email you@example.com`,
  ];
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    forgetRunningDev();
    process.stderr.write(`❌ ${operatorText(error)}\n`);
    process.exit(1);
  },
);
