import { cloudOptionsSchema, type CloudOptions } from "./cloud-options.ts";
import { runEmulatedCloud, type FetchApp } from "./run-emulated-cloud.ts";

const CLOSE_LIMIT_MS = 2_000;

/**
 * The emulated cloud as a program of its own. Options: one JSON object as the first argument or as the first line
 * of stdin. It prints one line when it is ready, logs to stderr, and ends with all its children on SIGTERM or when
 * stdin closes, which also happens when the parent is killed.
 */
async function main(): Promise<void> {
  // Ctrl-C reaches the whole process group, but the parent may still need its cloud to finish its work.
  process.on("SIGINT", () => {});
  const { firstLine, closed } = watchStdin();
  const json = process.argv[2] ?? (await firstLine);
  const options = cloudOptionsSchema.parse(JSON.parse(json));
  const cloud = await runEmulatedCloud(options, {
    makeEmulators,
    path: process.env["PATH"] ?? "",
    log: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify(cloud.ready)}\n`);

  await Promise.race([
    closed,
    new Promise<void>((resolve) => {
      process.once("SIGTERM", () => resolve());
    }),
  ]);
  // A server that does not close in time must not keep the process: its children watch stdin by themselves.
  setTimeout(() => process.exit(1), CLOSE_LIMIT_MS).unref();
  await cloud.close();
}

/** Loaded only when asked for: the emulators bring image libraries along. */
async function makeEmulators({
  plainPictures = false,
}: Pick<CloudOptions, "plainPictures">): Promise<FetchApp> {
  const [{ createProviderEmulators }, { createWechatEmulator }] = await Promise.all([
    import("../provider-emulators/provider-emulators.ts"),
    import("../provider-emulators/wechat-emulator.ts"),
  ]);
  const [providers, wechat] = [createProviderEmulators({ plainPictures }), createWechatEmulator()];
  const isWechats = (request: Request) => new URL(request.url).pathname.startsWith("/sns/");
  return { fetch: (request) => (isWechats(request) ? wechat : providers).fetch(request) };
}

function watchStdin(): { firstLine: Promise<string>; closed: Promise<void> } {
  let text = "";
  const { promise: firstLine, resolve: gotLine, reject } = Promise.withResolvers<string>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  firstLine.catch(() => {});
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (chunk: string) => {
    // After the first line nothing is expected: drop it.
    if (text.includes("\n")) return;
    text += chunk;
    if (text.includes("\n")) gotLine(text.slice(0, text.indexOf("\n")));
  });
  const ended = (): void => {
    if (text.trim() === "")
      reject(new Error("no options: pass one JSON object by argument or stdin"));
    else gotLine(text);
    close();
  };
  process.stdin.on("end", ended).on("error", ended).on("close", ended);
  return { firstLine, closed };
}

if (import.meta.main) {
  try {
    await main();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`the emulated cloud failed: ${String(error)}\n`);
    process.exit(1);
  }
}
