import {
  callProvider,
  isDone,
  isEventStream,
  type ProviderAnswer,
} from "../shared/call-provider.ts";
import { classifyFailure } from "../shared/classify-failure.ts";
import { withRan } from "../shared/function-error.ts";
import { readProviderError } from "../shared/provider-error.ts";
import { type ArkAnswer, createArkEvents, readArkAnswer } from "./ark-answer.ts";
import { ARK_FAILURES } from "./ark-failures.ts";
import { arkRequestBody, arkRequestNotes, checkedModel } from "./ark-request.ts";
import { fetchPicture } from "./fetch-picture.ts";
import {
  type GeneratedPicture,
  type ImageProvider,
  makerOf,
  noPicture,
  PICTURE_ANSWER_BYTES_MAX,
} from "./image-provider.ts";
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
  const { answer, headers, isWhole } = await send(config, body, signal);
  const { picture, error, generatedImages, outputTokens } = answer;
  if (picture !== null) {
    return {
      provider: makerOf(headers, NAME),
      // A delivered picture is billed, also when the stream broke before it said so.
      generatedImages: generatedImages ?? 1,
      outputTokens,
      fetch: (until) => fetchPicture(config.baseUrl, picture, until),
    };
  }
  if (error === null) throw noPicture(generatedImages === 0 ? "no" : isWhole ? "yes" : "unknown");
  const failure = classifyFailure(ARK_FAILURES, error, keyOf(config));
  throw generatedImages === undefined || generatedImages === 0 ? failure : withRan(failure, "yes");
}

type ArkReply = {
  readonly answer: ArkAnswer;
  readonly headers: ProviderAnswer["headers"];
  /** Whether that is all that Ark had to say: a stream may end before its bill. */
  readonly isWhole: boolean;
};

async function send(config: ArkConfig, body: Buffer, signal: AbortSignal): Promise<ArkReply> {
  const events = createArkEvents();
  const url = new URL(`${config.baseUrl}/images/generations`);
  const { apiKey } = config;
  try {
    const onEvents = (part: Buffer) => events.add(part);
    const bytesMax = PICTURE_ANSWER_BYTES_MAX;
    const answer = await callProvider({ url, apiKey, body, signal, bytesMax, onEvents });
    if (!isDone(answer)) {
      throw classifyFailure(ARK_FAILURES, readProviderError(answer), keyOf(config));
    }
    const { headers } = answer;
    const received = events.answer();
    if (received !== null) {
      return { answer: received, headers, isWhole: received.generatedImages !== undefined };
    }
    const said = readArkAnswer(answer.json);
    if (said !== null) return { answer: said, headers, isWhole: true };
    if (isEventStream(answer)) throw noPicture("unknown");
  } catch (error) {
    const received = events.answer();
    if (received === null || (received.picture ?? received.error) === null) throw error;
    return { answer: received, headers: {}, isWhole: false };
  }
  throw noPicture("yes");
}

const keyOf = ({ apiKey }: ArkConfig) => ({ apiKey, keyName: "ARK_API_KEY" });
