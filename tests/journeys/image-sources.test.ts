import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { SSRF_URLS } from "../../net/ssrf-addresses.fixture.ts";
import { generation, openJourney, sampleBytes, untilEnded, type Journey } from "../journey.ts";
import { onEachStack } from "../stacks.ts";

onEachStack((stack) => {
  describe(`on ${stack.name}`, () => {
    let journey: Journey;
    let client: DemoClient;
    let photoServer: ReturnType<typeof Bun.serve>;
    beforeAll(async () => {
      const photo = new Uint8Array(await sampleBytes());
      photoServer = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(photo) });
      journey = await openJourney({
        environment: {
          ...(await stack.environment()),
          IMAGE_SOURCE_ALLOW: `127.0.0.1:${photoServer.port}`,
        },
      });
      client = await journey.customer(10_000);
    });
    afterAll(async () => {
      expect(await journey.broken()).toEqual([]);
      await journey.close();
      await photoServer.stop(true);
    });

    describe("image addresses", () => {
      test("the contract's body, with a photo server that is allowed, ends succeeded", async () => {
        const url = `http://127.0.0.1:${photoServer.port}/garment-1.jpg`;

        const created = await client.createTask({ ...generation([url], 2), sceneType: "street" });

        expect((await untilEnded(client, created.id)).status).toBe("succeeded");
      });

      test("an address that cannot be read ends failed: the message names it, nothing is charged", async () => {
        const url = "https://example.com/garment-1.jpg";

        const created = await client.createTask(generation([url], 2));
        const task = await untilEnded(client, created.id);

        expect([task.status, task.cost.charged]).toEqual(["failed", 0]);
        expect(task.error?.message).toContain(url);
        expect(task.attempts).toBe(1);
      });

      test("no address of the list of forbidden ones is ever connected to", async () => {
        const canary = await openCanary([80, 443, 6379, 3306, 22]);
        const outcomes = new Map<string, string>();
        const created: { url: string; id: string }[] = [];

        for (const url of SSRF_URLS) {
          const answer = await client.raw("POST", "/api/ai-image/generate", generation([url], 1));
          const body = await answer.json();
          outcomes.set(url, String(answer.status));
          if (answer.status === 202) created.push({ url, id: body.id });
        }
        for (const { url, id } of created) outcomes.set(url, (await untilEnded(client, id)).status);
        const connections = canary.connections();
        await canary.close();

        expect(canary.ports.length).toBeGreaterThan(0);
        expect(SSRF_URLS.length).toBeGreaterThanOrEqual(100);
        expect(
          [...outcomes.values()].filter((outcome) => outcome !== "422" && outcome !== "failed"),
        ).toEqual([]);
        expect(connections).toBe(0);
      });
    });

    /** Listens on every address of this machine at those of the ports that this user may take, and at one more. */
    async function openCanary(ports: readonly number[]) {
      let seen = 0;
      const servers: Server[] = [];
      const taken: number[] = [];
      for (const port of [...ports, 0]) {
        const server = createServer((socket) => {
          seen += 1;
          socket.destroy();
        });
        const listens = await new Promise<boolean>((resolve) => {
          server.once("error", () => resolve(false));
          server.listen(port, "::", () => resolve(true));
        });
        if (!listens) continue;
        servers.push(server);
        taken.push(port);
      }
      return {
        ports: taken,
        connections: () => seen,
        close: () =>
          Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve)))),
      };
    }
  });
});
