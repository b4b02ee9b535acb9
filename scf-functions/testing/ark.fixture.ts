import type { ServerResponse } from "node:http";
import { smallJpeg } from "./pictures.fixture.ts";
import { sendJson, startTestServer, type TestServer } from "./server.fixture.ts";

/** A call for `count` pictures with one reference, `ref.jpg`. */
export const testImageEvent = (count: number) => ({
  model: "doubao-seedream-4-0-250828",
  prompt: "A red dress on the beach.",
  size: "1024x1024",
  optimizeMode: "fast" as const,
  referenceKeys: ["ref.jpg"],
  images: Array.from({ length: count }, (_none, index) => ({ index, key: `out/${index}` })),
});

export const refusal = (code: string) => ({ error: { code, message: `about ${code}` } });
/** What the n-th request for a picture gets; "made" when nothing else is said. */
export type Scripted = (response: ServerResponse, server: TestServer) => void;

/** A provider that speaks Ark's wire and serves its pictures itself. */
export async function startTestArk(script: Readonly<Record<number, Scripted>> = {}, headers = {}) {
  const photo = await smallJpeg({ width: 64, height: 48 });
  let requestCount = 0;
  return startTestServer((request, response, server) => {
    if (request.method === "GET") {
      if (request.path === "/broken.jpg")
        return response.end(photo.subarray(0, photo.byteLength - 40));
      if (request.path === "/gone.jpg") return response.writeHead(404).end();
      return response.end(photo);
    }
    requestCount += 1;
    const scripted = script[requestCount];
    if (scripted !== undefined) return scripted(response, server);
    sendJson(response, 200, madeAt(`${server.origin}/made.jpg`), headers);
  });
}
export const madeAt = (url: string) => ({
  model: "doubao-seedream-4-0-250828",
  data: [{ url, size: "64x48" }],
  usage: { generated_images: 1, output_tokens: 16, total_tokens: 16 },
});
export const refusing =
  (status: number, code: string, headers = {}): Scripted =>
  (response) =>
    sendJson(response, status, refusal(code), headers);

/** The requests for pictures, without the downloads. */
export const requestsOf = (ark: TestServer) => ark.seen.filter(({ method }) => method === "POST");
