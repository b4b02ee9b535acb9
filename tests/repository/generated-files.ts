import { readFileSync, writeFileSync } from "node:fs";
import { configurationPage, envFile } from "../../runtime/config/env-file.ts";
import { fontLettersSource } from "./font-letters.ts";
import { withGenerated } from "./generated-block.ts";
import { lintConfig } from "./lint-config.ts";
import { roomsTable } from "./rooms.ts";

type Generated = { readonly path: string; readonly text: (now: string) => string };

/** Files that are written from a table in the code, whole or in part. */
export const GENERATED: readonly Generated[] = [
  { path: ".env.production", text: envFile },
  { path: "docs/configuration.md", text: configurationPage },
  { path: ".oxlintrc.json", text: lintConfig },
  { path: "core/function-schemas/font-letters.ts", text: fontLettersSource },
  { path: "docs/architecture.md", text: (now) => withGenerated(now, "rooms", roomsTable()) },
];

/** Those that differ from their table; with `--write` they are written anew. */
function main(write: boolean): number {
  const stale = GENERATED.filter(({ path, text }) => {
    const now = readText(path);
    const wanted = text(now);
    if (now === wanted) return false;
    if (write) writeFileSync(path, wanted);
    return true;
  });
  for (const { path } of stale) {
    const text = write
      ? `✅ wrote ${path}`
      : `❌ ${path} is not what its table says: npm run check:fix`;
    process.stdout.write(`${text}\n`);
  }
  return write || stale.length === 0 ? 0 : 1;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

process.exit(main(process.argv.includes("--write")));
