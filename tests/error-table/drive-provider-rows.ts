import { createCosObjectStore } from "../../cloud/cos-object-store.ts";
import { createScfInvoker } from "../../cloud/scf-invoker.ts";
import { codeOfFailure } from "../../core/model/errors.ts";
import { FUNCTIONS } from "../../core/model/functions.ts";
import type { ProviderEndpoint } from "../../local/provider-emulators/request-log.ts";
import type { CloudAccess } from "../../runtime/cloud-access.ts";
import { PROVIDER_ROWS } from "./provider-rows.ts";
import { system } from "../../runtime/system.ts";

/** The program that lets each provider's errors come back through the deployed functions and the real SDK. */
type DriveInput = {
  readonly access: CloudAccess;
  readonly providersUrl: string;
  readonly endpoints: readonly ProviderEndpoint[];
};

export type SeenProviderError = {
  readonly endpoint: ProviderEndpoint;
  readonly error: string;
  readonly code: string;
  readonly ran: string;
};

const PHOTO = "u/rows/photo.jpg";
const input: DriveInput = JSON.parse(process.argv[2] ?? "{}");
const { scfEndpoint, cosEndpoint, ...account } = input.access;
const invoker = createScfInvoker({ ...account, endpoint: scfEndpoint ?? "" });
const objects = createCosObjectStore({ ...system, ...account, endpoint: cosEndpoint ?? "" });
const photo = Buffer.from(process.argv[3] ?? "", "base64");
await objects.put(PHOTO, new Uint8Array(photo), "image/jpeg");
let sent = 0;
for (const at of input.endpoints) {
  for (const error of PROVIDER_ROWS[at].flatMap(([, , errors]) => errors)) {
    process.stdout.write(`${JSON.stringify(await see(at, error))}\n`);
  }
}
process.exit(0);

async function see(at: ProviderEndpoint, error: string): Promise<SeenProviderError> {
  const body = JSON.stringify({ route: at, error });
  const taken = await fetch(`${input.providersUrl}/control/faults`, { method: "POST", body });
  if (!taken.ok) throw new Error(`${at} does not know ${error}: ${await taken.text()}`);
  sent += 1;
  const failure = at.startsWith("images") ? await pictureFailure() : await promptFailure();
  const code = failure === null ? "none" : codeOfFailure(failure.code);
  return { endpoint: at, error, code, ran: failure?.ran ?? "none" };
}

async function pictureFailure() {
  const raw = await invoker.call(
    "image-generator",
    {
      model: "doubao-seedream-4-0-250828",
      prompt: "A red dress.",
      size: "1024x1024",
      referenceKeys: [],
      images: [{ index: 0, key: `t/rows/generate-${sent}.jpg` }],
    },
    AbortSignal.timeout(30_000),
  );
  const answer = FUNCTIONS["image-generator"].answer.parse(raw);
  if (!answer.ok) return answer.failure;
  const [image] = answer.result.images;
  return image === undefined || image.ok ? null : image.failure;
}

async function promptFailure() {
  const word = { id: "studio", en: "studio", zh: "摄影棚" };
  const raw = await invoker.call(
    "prompt-generator",
    { images: [PHOTO], to: `t/rows/prompt-${sent}.json`, scene: word, style: word },
    AbortSignal.timeout(30_000),
  );
  const answer = FUNCTIONS["prompt-generator"].answer.parse(raw);
  return answer.ok ? null : answer.failure;
}
