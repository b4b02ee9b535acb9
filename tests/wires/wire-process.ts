import { createApp } from "../../api/app.ts";
import { serve } from "../../api/serve.ts";
import { issueToken } from "../../api/sign-in/tokens.ts";
import { newId } from "../../core/model/ids.ts";
import { createLog } from "../../core/resilience/log.ts";
import { openDatabase } from "../../db/connection/open.ts";
import { migrate } from "../../db/migrations/migrate.ts";
import { system } from "../../runtime/system.ts";
import { realDeps } from "../app-deps.ts";

/** The api alone on a port, as a process on either runtime; says where, with a customer's token. Ends with its input. */
const db = await openDatabase("sqlite::memory:", system);
await migrate(db.kysely);
const write = (line: string) => void process.stdout.write(`${line}\n`);
const log = createLog({ format: "json", level: "all", write, nowMs: Date.now });
const deps = { ...realDeps(db), log };
const createdAtMs = deps.clock.nowMs();
const userId = newId("usr", createdAtMs, deps.random);
await deps.store.users.create({
  id: userId,
  email: "anna@example.com",
  passwordHash: null,
  role: "customer",
  createdAtMs,
});
const server = await serve(createApp(deps), { ...system, port: 0, hostname: "127.0.0.1" });
const token = issueToken(deps.jwtSecret, { userId, role: "customer" }, createdAtMs);
process.stdout.write(`${JSON.stringify({ url: server.url, token })}\n`);
process.stdin.resume().once("end", () => {
  void server.stop(1_000).then(() => process.exit(0));
});
