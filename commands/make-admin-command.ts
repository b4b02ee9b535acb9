import { parseArgs } from "node:util";
import { operatorText } from "../core/model/errors.ts";
import { openDatabase } from "../db/connection/open.ts";
import { setRole } from "../db/users/set-role.ts";
import { openCommand } from "../runtime/open-command.ts";
import { system } from "../runtime/system.ts";

const USAGE =
  "npm run admin:make -- --email you@example.com [--take-away] [--database sqlite:<path>|mysql://…]";

/** Exit 0 when the user has (with --take-away: has not) the role, 1 when there is no such user, 2 when it could not act. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      email: { type: "string" },
      "take-away": { type: "boolean" },
      database: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { email } = values;
  if (email === undefined) throw new Error("say whose account it is: --email");
  const role = values["take-away"] === true ? "customer" : "admin";
  const named = values.database === undefined ? {} : { DATABASE_URL: values.database };
  const { config } = openCommand("admin:make", ["database"], named);
  const db = await openDatabase(config.DATABASE_URL, { ...system, mustExist: true });
  try {
    const outcome = await setRole(db, { email, role, actor: "system" });
    if (outcome === "no-user") {
      process.stderr.write(`❌ ${email} has no account yet: register it first\n`);
      return 1;
    }
    const text = { admin: "an administrator", customer: "a customer without that role" }[role];
    const next = role === "admin" ? "; sign in again for a token that says so" : "";
    process.stdout.write(
      outcome === "changed"
        ? `✅ ${email} is ${text}${next}\n`
        : `✅ ${email} was ${text} already\n`,
    );
    return 0;
  } finally {
    await db.close();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`❌ ${operatorText(error)}\n${USAGE}\n`);
    process.exit(2);
  },
);
