import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { listenOnLoopback, readBody, sendJson, type EmulatorServer } from "../emulator-http.ts";
import { createModerationRules, type ModerationRules, type Verdict } from "./moderation-rules.ts";
import { refusalOfTc3, type SecretPair } from "../scf/tc3-signature.ts";

export type ModerationServerOptions = {
  readonly keys: SecretPair;
  readonly region: string;
  readonly now?: () => number;
};

export type ModerationServer = EmulatorServer & { readonly rules: ModerationRules };

const VERSION = "2020-12-29";
const BODY_BYTES_MAX = 10_000_000;
const TEXT_CHARS_MAX = 10_000;
const PICTURE_BYTES_MAX = 5_000_000;
const DOWNLOAD_LIMIT_MS = 5_000;

const dataId = z
  .string()
  .regex(/^[\w@#-]{0,64}$/)
  .default("");
const textSchema = z.strictObject({ Content: z.base64().min(1), DataId: dataId });
const pictureSchema = z.strictObject({ FileUrl: z.url(), DataId: dataId });

/**
 * TMS's TextModeration and IMS's ImageModeration on loopback: real TC3-HMAC-SHA256 verification, the documented limits,
 * pictures fetched from where they are said to be, and verdicts by rules. Answers have HTTP status 200, errors too.
 */
export async function startModerationServer(
  options: ModerationServerOptions,
): Promise<ModerationServer> {
  const rules = createModerationRules();
  const server = await listenOnLoopback(async (request, response) => {
    const body = await readBody(request, BODY_BYTES_MAX);
    const reply =
      body === null
        ? apiError("RequestSizeLimitExceeded", "The request body is too large.")
        : await replyTo(request, body, { options, rules });
    respond(response, reply);
  });
  return { ...server, rules };
}

type Context = { readonly options: ModerationServerOptions; readonly rules: ModerationRules };
type Reply =
  | { readonly kind: "response"; readonly members: Readonly<Record<string, unknown>> }
  | { readonly kind: "http"; readonly status: number }
  | { readonly kind: "hang" | "garbage" };

async function replyTo(
  request: IncomingMessage,
  body: Buffer,
  { options, rules }: Context,
): Promise<Reply> {
  const { method = "", url = "", headers } = request;
  const now = options.now ?? Date.now;
  const refusal = refusalOfTc3({ method, url, headers, body }, options.keys, now());
  if (refusal !== null) return apiError(refusal.code, refusal.message);
  if (headers["x-tc-version"] !== VERSION) return apiError("NoSuchVersion", "No such version.");
  if (headers["x-tc-region"] !== options.region) {
    return apiError("UnsupportedRegion", `The endpoint serves ${options.region} only.`);
  }
  const action = String(headers["x-tc-action"]);
  const input = parseJson(body);
  const reply = faultOf(rules) ?? (await judge(action, input, rules));
  rules.note({ action, dataId: dataIdOf(input), reply: JSON.stringify(reply) });
  return reply;
}

async function judge(action: string, input: unknown, rules: ModerationRules): Promise<Reply> {
  if (action === "TextModeration") {
    const { data } = textSchema.safeParse(input);
    if (data === undefined)
      return apiError("InvalidParameterValue.ErrTextContentType", "no base64");
    const text = Buffer.from(data.Content, "base64").toString("utf8");
    if (text.length > TEXT_CHARS_MAX) {
      return apiError("InvalidParameter.ErrTextContentLen", "The text is too long.");
    }
    return verdict(rules.verdictOn("text", text), data.DataId);
  }
  if (action === "ImageModeration") {
    const { data } = pictureSchema.safeParse(input);
    if (data === undefined) return apiError("InvalidParameterValue.InvalidContent", "no FileUrl");
    const refused = await refusalOfPicture(data.FileUrl);
    return refused ?? verdict(rules.verdictOn("picture", data.FileUrl), data.DataId);
  }
  return apiError("InvalidAction", "The emulated moderation does not know this action.");
}

async function refusalOfPicture(url: string): Promise<Reply | null> {
  const bytes = await download(url);
  if (bytes === null) {
    return apiError("ResourceUnavailable.ImageDownloadError", "The picture cannot be downloaded.");
  }
  if (bytes.byteLength > PICTURE_BYTES_MAX) {
    return apiError("InvalidParameterValue.InvalidFileContentSize", "The picture is too large.");
  }
  const isPicture = /^(?:\xff\xd8\xff|\x89PNG|RIFF....WEBP)/s.test(
    Buffer.from(bytes.subarray(0, 12)).toString("latin1"),
  );
  return isPicture ? null : apiError("InvalidParameterValue.InvalidImageContent", "No picture.");
}

async function download(url: string): Promise<Uint8Array | null> {
  if (new URL(url).hostname !== "127.0.0.1") return null;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
    return response.ok ? await response.bytes() : null;
  } catch {
    return null;
  }
}

function verdict({ suggestion, label }: Verdict, id: string): Reply {
  const Score = suggestion === "Pass" ? 0 : suggestion === "Review" ? 75 : 99;
  const members = { Suggestion: suggestion, Label: label, SubLabel: "", Score, DataId: id };
  return { kind: "response", members };
}

function faultOf(rules: ModerationRules): Reply | null {
  const fault = rules.nextFault();
  if (fault === undefined) return null;
  if (fault.kind === "api-error") return apiError(fault.code, "as it was requested");
  return fault.kind === "http" ? { kind: "http", status: fault.status } : { kind: fault.kind };
}

function respond(response: ServerResponse, reply: Reply): void {
  switch (reply.kind) {
    case "hang":
      return;
    case "garbage":
      response.writeHead(200, { "content-type": "text/html" }).end("<html>");
      return;
    case "http":
      response.writeHead(reply.status).end();
      return;
    case "response":
      sendJson(response, 200, { Response: { ...reply.members, RequestId: randomUUID() } });
      return;
    default:
      reply satisfies never;
  }
}

function apiError(code: string, message: string): Reply {
  return { kind: "response", members: { Error: { Code: code, Message: message } } };
}

const namedSchema = z.object({ DataId: z.string() }).catch({ DataId: "" });

function dataIdOf(input: unknown): string {
  return namedSchema.parse(input).DataId;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
