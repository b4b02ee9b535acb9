import type { Answer } from "./answer.ts";
import type { Fault } from "./faults.ts";

/** The answer on its wire; a reset breaks it off: before a word of it, or after the first event of a stream. */
export function sendAnswer({ status, body, events, headers }: Answer, fault?: Fault): Response {
  const isReset = fault?.kind === "reset";
  if (events !== undefined) {
    const parts = [...events.map((event) => JSON.stringify(event)), "[DONE]"].map(asEvent);
    const sent = isReset ? parts.slice(0, 1) : parts;
    const type = { ...headers, "content-type": "text/event-stream" };
    return new Response(streamOf(sent, isReset), { status, headers: type });
  }
  const type = { "content-type": "application/json", ...headers };
  if (isReset) return new Response(streamOf(['{"model":'], true), { headers: type });
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Response(text, { status, headers: type });
}

/** What was told before a break must have arrived: a reset takes along what is still on its way. */
const ARRIVAL_MS = 100;

const asEvent = (data: string) => `data: ${data}\n\n`;

// A body that breaks is the closest to a cut connection that a Response can say.
function streamOf(parts: readonly string[], breaks: boolean): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const left = [...parts];
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = left.shift();
        if (next !== undefined) return controller.enqueue(encoder.encode(next));
        if (!breaks) return controller.close();
        await new Promise((resolve) => {
          setTimeout(resolve, ARRIVAL_MS);
        });
        controller.error(new Error("connection reset on demand"));
      },
    },
    { highWaterMark: 0 },
  );
}
