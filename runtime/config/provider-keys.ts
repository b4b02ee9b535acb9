import { z } from "zod";
import { configKey, hint, placeholder, type Command, type Sample } from "./config-key.ts";

/** A deployment gives them to the functions; a start that brings the emulated cloud gives them to its own. */
const WHO: readonly Command[] = ["deploy:scf", "start", "dev"];

const text = (doc: string, sample: Sample, to = "the functions that ask this provider") =>
  configKey({ schema: z.string().optional(), doc, sample, commands: WHO, to });

/** The functions' own readers check these values: which of them are needed is decided by the two orders. */
export const PROVIDER_KEYS = {
  PROMPT_PROVIDERS: text(
    "Who writes prompts, the first one first: tokenhub, ark, openai, or a name of your own for any OpenAI-shaped endpoint\n(acme: ACME_BASE_URL, ACME_API_KEY, ACME_MODEL). Left out, it is the one of PROMPT_BASE_URL, PROMPT_API_KEY, PROMPT_MODEL.",
    hint("tokenhub,ark"),
    "prompt-generator",
  ),
  IMAGE_PROVIDERS: text(
    "Who makes pictures, the first one first: ark, openai. Left out, ark alone.",
    hint("ark,openai"),
    "image-generator",
  ),
  PROMPT_API_KEY: text(
    "The one chat endpoint when no order is named; by default TokenHub's address and model.",
    placeholder,
  ),
  PROMPT_BASE_URL: text("", hint("https://tokenhub.tencentmaas.com/v1")),
  PROMPT_MODEL: text("", hint("hy-vision-2.0-instruct")),
  ARK_API_KEY: text(
    "Volcengine Ark, for pictures (the model is IMAGE_MODEL above) and for prompts (ARK_MODEL).",
    placeholder,
  ),
  ARK_BASE_URL: text("", hint("https://ark.cn-beijing.volces.com/api/v3")),
  ARK_MODEL: text("", hint("doubao-seed-2-0-lite-260428")),
  ARK_STREAM: text(
    "Ask Ark for events: a picture that was told is not lost with its connection. Models before Seedream 4.0 may refuse it.",
    hint("false"),
  ),
  TOKENHUB_API_KEY: text("Tencent TokenHub, for prompts.", hint("")),
  TOKENHUB_BASE_URL: text("", hint("https://tokenhub.tencentmaas.com/v1")),
  TOKENHUB_MODEL: text("", hint("hy-vision-2.0-instruct")),
  OPENAI_API_KEY: text(
    "OpenAI, or what speaks its wire: OPENAI_IMAGE_MODEL for pictures, OPENAI_MODEL for prompts (it has no default).",
    hint(""),
  ),
  OPENAI_BASE_URL: text("", hint("https://api.openai.com/v1")),
  OPENAI_IMAGE_MODEL: text("", hint("gpt-image-1.5")),
  OPENAI_MODEL: text("", hint("")),
};
