import type { Context } from "hono";
import { z } from "zod";
import { answerWithout, type Answer } from "./answer.ts";
import { arkFailedEvents } from "./ark-events.ts";
import { chatError } from "./chat-route.ts";
import { findDocumentedError } from "./documented-errors.ts";
import type { Fault } from "./faults.ts";
import { arkError } from "./images-route.ts";
import { type ProviderEndpoint, routeOf } from "./request-log.ts";

export interface Work {
  readonly endpoint: ProviderEndpoint;
  readonly fault: Fault | undefined;
  readonly answer: (body: unknown) => Promise<Answer>;
}

const BODY_BYTES_MAX = 64_000_000;

/** What the provider answers, or what the fault makes of it. Any Bearer key is taken. */
export async function answerRequest(context: Context, work: Work): Promise<Answer> {
  const { endpoint, fault } = work;
  const failed = (status: number, code: string, message: string, type: string): Answer => {
    const body = isArk(endpoint) ? arkError(code, message, type) : chatError(message, type, code);
    return { ...answerWithout(status, body), ...retryAfter(fault) };
  };
  if (!/^Bearer \S+$/.test(context.req.header("authorization") ?? "")) {
    return isArk(endpoint)
      ? failed(401, "AuthenticationError", "The API key doesn't exist.", "Unauthorized")
      : failed(401, "invalid_api_key", "Incorrect API key provided.", "invalid_request_error");
  }
  if (fault?.kind === "status" || fault?.kind === "hang") {
    const { status = 500, code = "InternalServiceError" } = fault;
    const message = fault.message ?? "The service encountered an error.";
    return failed(status, code, message, "InternalServerError");
  }
  if (Number(context.req.header("content-length") ?? 0) > BODY_BYTES_MAX) {
    return failed(413, "RequestTooLarge", "The body is larger than 64 MB.", "BadRequest");
  }
  const body = await readBody(context);
  const refusal = refusalOf(endpoint, fault);
  if (refusal !== null) {
    const { status, code, message, type } = refusal;
    const answer = failed(status, code, message, type);
    if (fault?.inside === "body") return { ...answer, status: 200 };
    if (fault?.inside === "events") {
      return { ...answer, status: 200, events: [{ type: "error", error: { code, message } }] };
    }
    const model = streamedModel(body);
    // What the content check finds in a finished picture comes as an event when events were asked for.
    const isLate = endpoint === "images.ark" && code.startsWith("Output") && model !== null;
    return isLate
      ? { ...answer, status: 200, model, events: arkFailedEvents({ code, message }, model) }
      : answer;
  }
  // A connection that breaks in the middle of events has told what it told.
  if (fault?.kind === "reset" && streamedModel(body) === null) {
    return failed(500, "InternalServiceError", "never seen", "InternalServerError");
  }
  const answer = await work.answer(body);
  if (fault?.kind !== "garbage") return answer;
  const { events: _events, ...others } = answer;
  return { ...others, status: 200, body: '{"choices": [<oops' };
}

/** Ark's own shape of an error, whichever of its routes. */
const isArk = (endpoint: ProviderEndpoint): boolean => endpoint.endsWith(".ark");

const retryAfter = (fault: Fault | undefined): Pick<Answer, "headers"> =>
  fault?.retryAfterSeconds === undefined
    ? {}
    : { headers: { "retry-after": String(fault.retryAfterSeconds) } };

function refusalOf(endpoint: ProviderEndpoint, fault: Fault | undefined) {
  if (fault?.error !== undefined) {
    const documented = findDocumentedError(endpoint, fault.error);
    if (documented === undefined) throw new Error(`${endpoint} documents no ${fault.error}`);
    return { ...documented, message: fault.message ?? documented.message };
  }
  if (fault?.kind !== "refuse") return null;
  const usual = {
    chat: "content_filter",
    images: isArk(endpoint) ? "OutputImageSensitiveContentDetected" : "moderation_blocked",
  };
  const message = "The request failed because the output may contain sensitive information.";
  return {
    status: 400,
    code: fault.code ?? usual[routeOf(endpoint)],
    message: fault.message ?? message,
    type: "BadRequest",
  };
}

async function readBody(context: Context): Promise<unknown> {
  const isForm = (context.req.header("content-type") ?? "").startsWith("multipart/form-data");
  const read = isForm ? context.req.raw.formData() : context.req.json();
  return read.catch(() => undefined);
}

const streamSchema = z.object({ model: z.string(), stream: z.literal(true) });

/** The model of a request for events; null for any other. */
function streamedModel(body: unknown): string | null {
  const parsed = streamSchema.safeParse(body);
  return parsed.success ? parsed.data.model : null;
}
