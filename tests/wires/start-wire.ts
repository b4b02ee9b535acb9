import { spawn } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { PROGRAMS, type Runtime } from "../runtimes.ts";

export type Wire = {
  readonly url: string;
  /** Of a customer without credits. */
  readonly token: string;
  /** The lines that it logged. */
  readonly logged: readonly string[];
  /** Everything that comes back for these bytes on a connection of their own, until it ends or is quiet. */
  exchange(request: string): Promise<string>;
  stop(): Promise<void>;
};

const startedSchema = z.object({ url: z.string(), token: z.string() });
/** Without `Connection: close` a server keeps the connection. */
const QUIET_MS = 1_000;

/** The api in a process of its own on this runtime. */
export async function startWire(runtime: Runtime): Promise<Wire> {
  const child = spawn(PROGRAMS[runtime], [join(import.meta.dir, "wire-process.ts")], {
    env: { PATH: process.env["PATH"] ?? "", NODE_ENV: "test" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((done) => {
    child.once("close", () => done());
  });
  const logged: string[] = [];
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (text) => {
      if (text.startsWith('{"url":')) resolve(text);
      else logged.push(text);
    });
    void ended.then(() => reject(new Error("the api ended before it was ready")));
  });
  const { url, token } = startedSchema.parse(JSON.parse(line));
  return {
    url,
    token,
    logged,
    exchange: (request) => exchange(Number(new URL(url).port), request),
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.setTimeout(QUIET_MS, () => socket.destroy());
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
  });
}
