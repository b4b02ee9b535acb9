import { DistinctPictures } from "./distinct-picture.ts";
import { Hono, type Context } from "hono";
import { z } from "zod";
import { createCutOutCache } from "../preview/cut-out-cache.ts";
import type { Answer } from "./answer.ts";
import { answerChat, chatError } from "./chat-route.ts";
import { createFaultPlan, faultSchema, type Fault } from "./faults.ts";
import { answerImages, arkError } from "./images-route.ts";
import { createRequestLog, type ProviderRequest, type ProviderRoute } from "./request-log.ts";

export interface ProviderStandInOptions {
  /** Called after every provider request, with what the log keeps. */
  readonly onRequest?: (request: ProviderRequest) => void;
  /** Appends each request to this file as a line of JSON. */
  readonly logFile?: string;
  /** How long `hang` holds a request, and how long a delay may be told to take at most. */
  readonly hangMs?: number;
  /** Photos whose cut-outs are kept, each a few megabytes. */
  readonly cutOutsMax?: number;
}

const BODY_BYTES_MAX = 64_000_000;

/**
 * The AI providers on this machine: an OpenAI-shaped chat model that looks at pictures and Ark's image
 * model, answered by the preview. Any Bearer key is taken. `/control/*` has the log and faults on demand.
 */
export function createProviderStandIns(options: ProviderStandInOptions = {}): {
  fetch(request: Request): Response | Promise<Response>;
} {
  const { hangMs = 300_000, cutOutsMax = 12 } = options;
  const log = createRequestLog(options.logFile);
  const faults = createFaultPlan();
  const cutOuts = createCutOutCache(cutOutsMax);
  const images = {
    cutOuts,
    seeds: new Map<string, number>(),
    made: new Map<string, Uint8Array>(),
    distinct: new DistinctPictures(),
  };

  const serve = async (
    context: Context,
    route: ProviderRoute,
    work: (body: unknown) => Promise<Answer>,
  ): Promise<Response> => {
    const started = performance.now();
    const fault = faults.next(route);
    const { signal } = context.req.raw;
    const held = fault?.kind === "hang" ? hangMs : fault?.kind === "delay" ? fault.delayMs : 0;
    if (held) await wait(Math.min(held, hangMs), signal);
    const answer = await answerOf(context, route, fault, work);
    const request: ProviderRequest = {
      at: new Date().toISOString(),
      route,
      model: answer.model,
      promptExcerpt: answer.promptExcerpt,
      imageCount: answer.imageCount,
      imageHashes: answer.imageHashes,
      status: answer.status,
      durationMs: Math.round(performance.now() - started),
      ...(fault === undefined ? {} : { fault: fault.kind }),
    };
    await log.add(request);
    options.onRequest?.(request);
    return respond(answer, fault);
  };

  const app = new Hono();
  app.post("/v1/chat/completions", (context) =>
    serve(context, "chat", (body) => answerChat(body, cutOuts)),
  );
  app.post("/api/v3/images/generations", (context) =>
    serve(context, "images", (body) => answerImages(body, new URL(context.req.url).origin, images)),
  );
  app.get("/made/:name", (context) => {
    const picture = images.made.get(context.req.param("name").replace(/\.jpg$/, ""));
    if (picture === undefined) return context.notFound();
    return context.body(new Uint8Array(picture), 200, { "content-type": "image/jpeg" });
  });
  addControls(app, log, faults);
  return { fetch: (request) => app.fetch(request) };
}

async function answerOf(
  context: Context,
  route: ProviderRoute,
  fault: Fault | undefined,
  work: (body: unknown) => Promise<Answer>,
): Promise<Answer> {
  const nothing = { model: "", promptExcerpt: "", imageCount: 0, imageHashes: [] };
  const failed = (status: number, code: string, message: string, type: string): Answer => ({
    ...nothing,
    status,
    body: route === "chat" ? chatError(message, type, code) : arkError(code, message, type),
  });
  if (!/^Bearer \S+$/.test(context.req.header("authorization") ?? "")) {
    return route === "chat"
      ? failed(401, "invalid_api_key", "Incorrect API key provided.", "invalid_request_error")
      : failed(401, "AuthenticationError", "The API key doesn't exist.", "Unauthorized");
  }
  if (fault?.kind === "refuse") {
    const code = route === "chat" ? "content_filter" : "OutputImageSensitiveContentDetected";
    const message = "The request failed because the output may contain sensitive information.";
    return failed(400, fault.code ?? code, fault.message ?? message, "BadRequest");
  }
  if (fault?.kind === "status" || fault?.kind === "hang" || fault?.kind === "reset") {
    const status = fault.status ?? 500;
    const code = fault.code ?? "InternalServiceError";
    return failed(
      status,
      code,
      fault.message ?? "The service encountered an error.",
      "InternalServerError",
    );
  }
  if (Number(context.req.header("content-length") ?? 0) > BODY_BYTES_MAX) {
    return failed(413, "RequestTooLarge", "The body is larger than 64 MB.", "BadRequest");
  }
  const body: unknown = await context.req.json().catch(() => undefined);
  const answer = await work(body);
  return fault?.kind === "garbage"
    ? { ...answer, status: 200, body: '{"choices": [<oops' }
    : answer;
}

function respond(answer: Answer, fault: Fault | undefined): Response {
  if (fault?.kind === "reset") return brokenResponse();
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  return new Response(text, {
    status: answer.status,
    headers: { "content-type": "application/json", ...answer.headers },
  });
}

// The head is sent, then the body breaks: the closest to a cut connection that a Response can say.
function brokenResponse(): Response {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"model":'));
    },
    pull(controller) {
      controller.error(new Error("connection reset on demand"));
    },
  });
  return new Response(stream, { headers: { "content-type": "application/json" } });
}

function addControls(
  app: Hono,
  log: ReturnType<typeof createRequestLog>,
  faults: ReturnType<typeof createFaultPlan>,
): void {
  const routeSchema = z.enum(["chat", "images"]).optional();
  app.get("/control/log", (context) => {
    const route = routeSchema.safeParse(context.req.query("route"));
    if (!route.success) return context.json({ error: "route is chat or images" }, 400);
    return context.json({ requests: log.list(route.data) });
  });
  app.delete("/control/log", (context) => {
    log.clear();
    return context.body(null, 204);
  });
  app.get("/control/faults", (context) => context.json({ faults: faults.list() }));
  app.post("/control/faults", async (context) => {
    const fault = faultSchema.safeParse(await context.req.json().catch(() => undefined));
    if (!fault.success) return context.json({ error: z.prettifyError(fault.error) }, 400);
    faults.add(fault.data);
    return context.json({ fault: fault.data }, 201);
  });
  app.delete("/control/faults", (context) => {
    faults.clear();
    return context.body(null, 204);
  });
}

function wait(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
  });
}
