import { callProvider, readProviderError, type ProviderAnswer } from "../shared/call-provider.ts";
import { classifyFailure } from "../shared/classify-failure.ts";
import { FunctionError, withRan } from "../shared/function-error.ts";
import { type ArkAnswer, createArkEvents, readArkAnswer } from "./ark-answer.ts";
import { ARK_FAILURES } from "./ark-failures.ts";
import { arkRequestBody, arkRequestNotes, checkedModel } from "./ark-request.ts";
import { downloadResult } from "./download-result.ts";
import { type GeneratedPicture, type ImageProvider, makerOf } from "./image-provider.ts";
import { asDataUri } from "./reference-pictures.ts";

export type ArkConfig = {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Ask for events, so that a picture which was told is not lost with its connection. */
  readonly streams: boolean;
};

const NAME = "ark";

/** Seedream on Volcengine Ark: each request for exactly one picture, which Ark keeps for 24 hours. */
export function createArkProvider(config: ArkConfig): ImageProvider {
  return {
    name: NAME,
    async prepare(event, readReferences) {
      const model = checkedModel(event);
      const references = (await readReferences()).map(asDataUri);
      const body = arkRequestBody(event, { model, references, streams: config.streams });
      return {
        model: model?.id ?? event.model,
        generate: (signal) => generate(config, body, signal),
      };
    },
    notes: arkRequestNotes,
  };
}

async function generate(
  config: ArkConfig,
  body: Buffer,
  signal: AbortSignal,
): Promise<GeneratedPicture> {
  const { answer, headers } = await send(config, body, signal);
  const { url, error, generatedImages, outputTokens } = answer;
  if (url !== undefined) {
    return {
      provider: makerOf(headers, NAME),
      // A delivered picture is billed, also when the stream broke before it said so.
      generatedImages: generatedImages ?? 1,
      outputTokens,
      fetch: (until) => downloadResult(config.baseUrl, url, until),
    };
  }
  if (error === undefined) {
    const isFree = generatedImages === 0;
    throw new FunctionError(
      "PROVIDER_ANSWER_INVALID",
      "The image model's answer holds no picture.",
      { ran: isFree ? "no" : "unknown" },
    );
  }
  const failure = failureOf(config, { status: 400, ...error });
  throw generatedImages === undefined || generatedImages === 0 ? failure : withRan(failure, "yes");
}

type ArkReply = { readonly answer: ArkAnswer; readonly headers: ProviderAnswer["headers"] };

async function send(config: ArkConfig, body: Buffer, signal: AbortSignal): Promise<ArkReply> {
  const events = createArkEvents();
  const url = new URL(`${config.baseUrl}/images/generations`);
  const { apiKey } = config;
  try {
    const onEvents = (part: Buffer) => events.add(part);
    const answer = await callProvider({ url, apiKey, body, signal, onEvents });
    if (answer.status !== 200) {
      throw classifyFailure(ARK_FAILURES, readProviderError(answer), keyOf(config));
    }
    const said = events.answer() ?? readArkAnswer(answer.json);
    if (said !== null) return { answer: said, headers: answer.headers };
  } catch (error) {
    const received = events.answer();
    if (received === null || (received.url ?? received.error) === undefined) throw error;
    return { answer: received, headers: {} };
  }
  throw new FunctionError("PROVIDER_ANSWER_INVALID", "The image model's answer holds no picture.", {
    ran: "unknown",
  });
}

function failureOf(
  config: ArkConfig,
  { status, code, message }: { status: number; code: string; message: string },
): FunctionError {
  const error = { status, code, type: "", message, retryAfterMs: undefined, isProvidersOwn: true };
  return classifyFailure(ARK_FAILURES, error, keyOf(config));
}

const keyOf = ({ apiKey }: ArkConfig) => ({ apiKey, keyName: "ARK_API_KEY" });
