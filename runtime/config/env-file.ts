import { PLACEHOLDER_TEXT, type ConfigKey } from "./config-key.ts";
import { CONFIG_SECTIONS } from "./config-table.ts";

const HEAD = `# Every variable that Drape reads, with a line on each: docs/configuration.md says which command reads which.
# Fill in what says ${PLACEHOLDER_TEXT}: then npm start, start:api, start:worker, db:migrate, deploy:scf, test:scf, ledger:verify
# and admin:make read this file, and refuse while one that they need is left. Untouched it is not read, and .env.local is.
# A copy as .env.local is for npm run dev, where all of it is optional. What a process was started with wins.
`;

/** The text of `.env.production`, made from the table. */
export function envFile(): string {
  const sections = CONFIG_SECTIONS.map(({ title, keys }) => {
    const lines = Object.entries(keys).flatMap(([name, key]) => keyLines(name, key));
    return [`# --- ${title}`, ...lines, ""].join("\n");
  });
  return [HEAD, ...sections].join("\n");
}

function keyLines(name: string, { doc, sample }: ConfigKey): readonly string[] {
  const comment = doc === "" ? [] : doc.split("\n").map((line) => (line === "" ? "" : `# ${line}`));
  switch (sample.kind) {
    case "placeholder":
      return [...comment, `${name}=${PLACEHOLDER_TEXT}`];
    case "set":
      return [...comment, `${name}=${sample.value}`];
    case "hint":
      return [...comment, `# ${name}=${sample.value}`];
    default:
      return sample satisfies never;
  }
}

const PAGE_HEAD = `# Configuration

Made from the table in \`runtime/config/\` by \`npm run check:fix\`. Which file is read: [deploy.md](deploy.md#4-configuration).
`;

/** The page of variables: what each is, who reads it, where it goes. */
export function configurationPage(): string {
  const sections = CONFIG_SECTIONS.map(({ title, keys }) => {
    const rows = Object.entries(keys).map(([name, key]) => keyRow(name, key));
    const head = "| variable | what | read by | goes to |\n| --- | --- | --- | --- |";
    return `## ${title.replaceAll("\n# ", " ")}\n\n${head}\n${rows.join("\n")}\n`;
  });
  return [PAGE_HEAD, ...sections].join("\n");
}

function keyRow(name: string, key: ConfigKey): string {
  const { doc, commands, requiredBy = [], requiredInProduction, to } = key;
  const readers = commands.map((command) =>
    requiredBy.includes(command) ? `**${command}**` : command,
  );
  const needed = requiredInProduction === true ? " Required in production." : "";
  const what = `${doc.trim().replaceAll("\n", " ").replaceAll("|", "\\|")}${needed}`.trim();
  return `| \`${name}\` | ${what === "" ? defaultOf(key) : what} | ${readers.join(", ")} | ${to} |`;
}

function defaultOf({ sample }: ConfigKey): string {
  return sample.kind === "placeholder" || sample.value === ""
    ? ""
    : `for example \`${sample.value}\``;
}
