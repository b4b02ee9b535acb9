import type { ServerResponse } from "node:http";
import { smallJpeg } from "./pictures.fixture.ts";
import { sendJson, startTestServer } from "./server.fixture.ts";

/** A provider that speaks OpenAI's wire for images: base64 unless `answer` says otherwise. */
export async function startTestOpenAi(answer?: (response: ServerResponse, origin: string) => void) {
  const photo = await smallJpeg({ width: 96, height: 64 });
  return startTestServer((request, response, server) => {
    if (request.method === "GET") return response.end(photo);
    if (answer !== undefined) return answer(response, server.origin);
    const data = [{ b64_json: photo.toString("base64") }];
    sendJson(response, 200, { created: 1, data, usage: { output_tokens: 272 } });
  });
}
