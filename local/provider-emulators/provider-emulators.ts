import { Hono, type Context } from "hono";
import { createCutOutCache } from "../preview/garment/cut-out-cache.ts";
import { makePreview, type PreviewRequest } from "../preview/make-preview.ts";
import type { Answer } from "./answer.ts";
import { answerRequest } from "./answer-request.ts";
import { answerChat } from "./chat-route.ts";
import { DistinctPictures } from "./distinct-picture.ts";
import type { ImagesState } from "./draw-picture.ts";
import { createFaultPlan } from "./faults.ts";
import { answerImages } from "./images-route.ts";
import { answerOpenAiImages } from "./openai-images-route.ts";
import { drawFields, middleOfPhoto } from "./plain-pictures.ts";
import { addControls } from "./provider-controls.ts";
import {
  createRequestLog,
  type ProviderEndpoint,
  type ProviderRequest,
  routeOf,
} from "./request-log.ts";
import { sendAnswer } from "./send-answer.ts";

export interface ProviderEmulatorOptions {
  /** Called after every provider request, with what the log keeps. */
  readonly onRequest?: (request: ProviderRequest) => void;
  /** Appends each request to this file as a line of JSON. */
  readonly logFile?: string;
  /** How long `hang` holds a request, and how long a delay may be told to take at most. */
  readonly hangMs?: number;
  /** Photos whose cut-outs are kept, each a few megabytes. */
  readonly cutOutsMax?: number;
  /** Grey fields instead of previews, and no garment cut out: for who looks at everything but the picture. */
  readonly plainPictures?: boolean;
}

/** Where each provider answers: what is before `/chat/completions` and `/images/…` is its base URL. */
export const EMULATOR_PATHS = { tokenhub: "/v1", ark: "/api/v3", openai: "/openai/v1" } as const;

/**
 * The AI providers on this machine: chat models that look at pictures (TokenHub, Ark, OpenAI) and image models (Ark,
 * OpenAI), answered by the preview. Any Bearer key is taken. `/control/*` has the log and faults on demand.
 */
export function createProviderEmulators(options: ProviderEmulatorOptions = {}): {
  fetch(request: Request): Response | Promise<Response>;
} {
  const { hangMs = 300_000, cutOutsMax = 12, plainPictures = false } = options;
  const log = createRequestLog(options.logFile);
  const faults = createFaultPlan();
  const cutOuts = plainPictures ? middleOfPhoto : createCutOutCache(cutOutsMax);
  const images: ImagesState = {
    draw: plainPictures ? drawFields : (request: PreviewRequest) => makePreview(request, cutOuts),
    seeds: new Map<string, number>(),
    made: new Map<string, Uint8Array>(),
    distinct: new DistinctPictures(),
  };

  const serve = async (
    context: Context,
    endpoint: ProviderEndpoint,
    answerTo: (body: unknown) => Promise<Answer>,
  ): Promise<Response> => {
    const started = performance.now();
    const fault = faults.next(endpoint);
    const { signal } = context.req.raw;
    const held = fault?.kind === "hang" ? hangMs : fault?.kind === "delay" ? fault.delayMs : 0;
    if (held) await wait(Math.min(held, hangMs), signal);
    const answer = await answerRequest(context, { endpoint, fault, answer: answerTo });
    const request: ProviderRequest = {
      at: new Date().toISOString(),
      route: routeOf(endpoint),
      endpoint,
      model: answer.model,
      promptExcerpt: answer.promptExcerpt,
      imageCount: answer.imageCount,
      imageHashes: answer.imageHashes,
      status: answer.status,
      durationMs: Math.round(performance.now() - started),
      ...(fault === undefined ? {} : { fault: fault.error ?? fault.kind ?? "fault" }),
    };
    await log.add(request);
    options.onRequest?.(request);
    return sendAnswer(answer, fault);
  };

  const app = new Hono();
  for (const provider of ["tokenhub", "ark", "openai"] as const) {
    app.post(`${EMULATOR_PATHS[provider]}/chat/completions`, (context) =>
      serve(context, `chat.${provider}`, (body) => answerChat(body, cutOuts)),
    );
  }
  app.post(`${EMULATOR_PATHS.ark}/images/generations`, (context) =>
    serve(context, "images.ark", (body) =>
      answerImages(body, new URL(context.req.url).origin, images),
    ),
  );
  for (const action of ["generations", "edits"] as const) {
    app.post(`${EMULATOR_PATHS.openai}/images/${action}`, (context) =>
      serve(context, "images.openai", (body) => answerOpenAiImages(body, images)),
    );
  }
  app.get("/made/:name", (context) => {
    const picture = images.made.get(context.req.param("name").replace(/\.jpg$/, ""));
    if (picture === undefined) return context.notFound();
    return context.body(new Uint8Array(picture), 200, { "content-type": "image/jpeg" });
  });
  addControls(app, log, faults);
  return { fetch: (request) => app.fetch(request) };
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
