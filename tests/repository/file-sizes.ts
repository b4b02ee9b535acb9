import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";

const LINES_MAX = 300;
const FILES_MAX = 30;
const OF_TESTS = /\.(?:test|fixture|contract)\.ts$/;

/** No source file above 300 lines, no folder above 30 files, tests aside; prints the median, so that a drift is seen. */
function main(): number {
  const listed = spawnSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"],
    {
      encoding: "utf8",
    },
  );
  const files = listed.stdout.split("\n").filter((name) => name !== "");
  const sizes = files
    .map((name) => ({ name, lines: readFileSync(name, "utf8").split("\n").length - 1 }))
    .sort((a, b) => a.lines - b.lines);
  const median = sizes[Math.floor(sizes.length / 2)]?.lines ?? 0;
  const over = sizes.filter(({ lines }) => lines > LINES_MAX);
  for (const { name, lines } of over)
    process.stdout.write(`❌ ${name}: ${lines} lines, ${LINES_MAX} at most\n`);
  const folders = Map.groupBy(
    files.filter((name) => !OF_TESTS.test(name)),
    (name) => dirname(name),
  );
  const full = [...folders].filter(([, inside]) => inside.length > FILES_MAX);
  for (const [folder, inside] of full)
    process.stdout.write(`❌ ${folder}: ${inside.length} files, ${FILES_MAX} at most\n`);
  process.stdout.write(
    `📊 ${files.length} files, median ${median} lines, longest ${sizes.at(-1)?.lines ?? 0}\n`,
  );
  return over.length + full.length === 0 && files.length > 0 ? 0 : 1;
}

process.exit(main());
