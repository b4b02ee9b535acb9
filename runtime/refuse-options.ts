/**
 * For a command that takes no options: `--help` prints what it does and ends it well, any other option ends it badly,
 * before it has done anything.
 */
export function refuseOptions(
  usage: string,
  args: readonly string[] = process.argv.slice(2),
): void {
  const option = args.find((arg) => arg.startsWith("-"));
  if (option === undefined) return;
  const isHelp = option === "--help" || option === "-h";
  const complaint = isHelp ? "" : `❌ ${option}: it takes no options\n`;
  (isHelp ? process.stdout : process.stderr).write(`${complaint}${usage}\n`);
  process.exit(isHelp ? 0 : 1);
}
