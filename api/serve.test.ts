import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Hono } from "hono";
import { describe, expect, test } from "bun:test";
import type { ApiEnv } from "./context.ts";
import { system } from "../runtime/system.ts";
import { serve } from "./serve.ts";

const serveModule = resolve(import.meta.dir, "serve.ts");
const systemModule = resolve(import.meta.dir, "../runtime/system.ts");

/** The same small app, for both runtimes. */
const PROGRAM = `
import { Hono } from "hono";
import { serve } from ${JSON.stringify(serveModule)};
import { system } from ${JSON.stringify(systemModule)};
const app = new Hono();
app.get("/ip", (c) => c.json({ ip: c.env?.clientIp ?? null }));
app.post("/echo", async (c) => c.json(await c.req.json()));
const server = await serve(app, { ...system, port: 0, hostname: "127.0.0.1" });
process.stdout.write(server.url + "\\n");
process.on("SIGTERM", () => void server.stop(1000).then(() => process.exit(0)));
`;

describe("the same app on both runtimes", () => {
  test("Bun serves, knows the caller's address and stops", async () => {
    const app = new Hono<ApiEnv>().get("/ip", (c) => c.json({ ip: c.env.clientIp ?? null }));

    const server = await serve(app, { ...system, port: 0, hostname: "127.0.0.1" });
    const answer = await fetch(`${server.url}/ip`);
    const body = await answer.json();
    await server.stop(1_000);

    expect(body).toEqual({ ip: "127.0.0.1" });
    expect(fetch(`${server.url}/ip`)).rejects.toThrow();
  });

  test("Node serves the same, and stops at SIGTERM", async () => {
    const folder = mkdtempSync(join(tmpdir(), "drape-serve-"));
    writeFileSync(join(folder, "program.ts"), PROGRAM);
    const built = await Bun.build({
      entrypoints: [join(folder, "program.ts")],
      outdir: folder,
      target: "node",
      naming: "program.mjs",
      root: resolve(import.meta.dir, ".."),
      plugins: [fromHere],
    });
    expect(built.success).toBe(true);

    const child = spawn("node", [join(folder, "program.mjs")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
    const url = await new Promise<string>((line) =>
      createInterface({ input: child.stdout }).once("line", line),
    );
    const ip = await (await fetch(`${url}/ip`)).json();
    const echo = await (await fetch(`${url}/echo`, { method: "POST", body: '{"衬衫":1}' })).json();
    child.kill("SIGTERM");

    expect([ip, echo]).toEqual([{ ip: "127.0.0.1" }, { 衬衫: 1 }]);
    expect(await exit).toBe(0);
    rmSync(folder, { recursive: true });
  });
});

/** The program lies in a temporary folder: packages are found from here. */
const fromHere = {
  name: "from-here",
  setup(build: {
    onResolve(filter: { filter: RegExp }, find: (args: { path: string }) => { path: string }): void;
  }) {
    build.onResolve({ filter: /^(hono|@hono\/node-server)/ }, ({ path }) => ({
      path: Bun.resolveSync(path, import.meta.dir),
    }));
  },
};
