import sharp from "sharp";

/** What a provider does to its next requests instead of its work. */
export type ProviderFault =
  | "status-500"
  | "status-429"
  | "garbage"
  | "truncated"
  | "slow"
  | "reset"
  | "refuse";

export type QuickProviders = {
  /** For the functions' environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Pictures that were answered in full: what a provider would bill. */
  sold(): number;
  /** Requests that met a fault, by its kind. */
  readonly met: ReadonlyMap<ProviderFault, number>;
  fault(kind: ProviderFault, times: number): void;
  clear(): void;
  stop(): Promise<void>;
};

/** Sees each ask before it is answered; what it gives is the answer. */
export type BeforeAnswer = (pathname: string) => Promise<Response | null>;

const SLOW_MS = 2_500;

/**
 * Both AI providers on their wires, without any work: a fixed answer and a plain picture. The rig measures the
 * product, not the drawing of the emulators.
 */
export async function startQuickProviders(
  before: BeforeAnswer = async () => null,
): Promise<QuickProviders> {
  const wanted: ProviderFault[] = [];
  const met = new Map<ProviderFault, number>();
  const pictures = new Map<string, Promise<Uint8Array>>();
  let sold = 0;
  const picture = (size: string) => {
    const known = pictures.get(size) ?? drawPicture(size);
    pictures.set(size, known);
    return known;
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, origin } = new URL(request.url);
      const made = /^\/made\/(\d+x\d+)\.jpg$/.exec(pathname)?.[1];
      if (made !== undefined) return new Response(new Uint8Array(await picture(made)));
      const body = (await request.json()) as { model: string; size?: string }; // sent by our own functions
      const instead = await before(pathname);
      if (instead !== null) return instead;
      const kind = wanted.shift();
      if (kind !== undefined) met.set(kind, (met.get(kind) ?? 0) + 1);
      const fault = kind === undefined ? null : await faultAnswer(kind);
      if (fault !== null) return fault;
      if (pathname.endsWith("/chat/completions")) return Response.json(chatAnswer(body.model));
      sold += 1;
      return Response.json({
        model: body.model,
        created: 1,
        data: [{ url: `${origin}/made/${body.size}.jpg`, size: body.size }],
        usage: { generated_images: 1, output_tokens: 1, total_tokens: 1 },
      });
    },
  });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    environment: {
      PROMPT_BASE_URL: `${url}/v1`,
      PROMPT_API_KEY: "rig",
      PROMPT_MODEL: "hy-vision-2.0-instruct",
      ARK_BASE_URL: `${url}/api/v3`,
      ARK_API_KEY: "rig",
    },
    sold: () => sold,
    met,
    fault: (kind, times) => void wanted.push(...Array.from({ length: times }, () => kind)),
    clear: () => void wanted.splice(0),
    stop: () => server.stop(true),
  };
}

/** Null: slow, but it answers. */
async function faultAnswer(kind: ProviderFault): Promise<Response | null> {
  switch (kind) {
    case "status-500":
      return errorAnswer(500, "InternalServiceError");
    case "status-429":
      return errorAnswer(429, "RequestBurstTooFast");
    case "refuse":
      return errorAnswer(400, "OutputImageSensitiveContentDetected");
    case "garbage":
      return new Response("<html>bad gateway</html>", { status: 200 });
    case "truncated":
      return new Response('{"model":"x","data":[{"url":"http', {
        headers: { "content-type": "application/json" },
      });
    case "reset":
      return new Response(
        new ReadableStream({
          pull(controller) {
            controller.error(new Error("reset on demand"));
          },
        }),
      );
    case "slow":
      await new Promise((resolve) => {
        setTimeout(resolve, SLOW_MS);
      });
      return null;
    default:
      return kind satisfies never;
  }
}

export function errorAnswer(status: number, code: string): Response {
  return Response.json({ error: { code, message: "on demand", type: "error" } }, { status });
}

function chatAnswer(model: string) {
  const content = JSON.stringify({
    garment: { type: "dress", colors: ["red"], pattern: "plain" },
    promptZh: "红色连衣裙，摄影棚，优雅风格，柔和光线，高清商业摄影",
    promptEn: "A red dress in a studio, elegant, soft light, commercial photography.",
  });
  return {
    id: "chatcmpl-rig",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}

async function drawPicture(size: string): Promise<Uint8Array> {
  const [width = 1024, height = 1024] = size.split("x").map(Number);
  return sharp({ create: { width, height, channels: 3, background: "#b03a4a" } })
    .jpeg()
    .toBuffer();
}
