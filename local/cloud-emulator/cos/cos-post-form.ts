import { z } from "zod";
import { CosError } from "./cos-error.ts";
import { checkKeyId, checkKeyTime, checkSignature, sha1 } from "./q-signature.ts";
import type { SecretPair } from "../scf/tc3-signature.ts";

export type PostedObject = {
  readonly key: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** 200, 201 or 204. */
  readonly successStatus: number;
  readonly headers: Readonly<Record<string, string>>;
};

const conditionSchema = z.union([
  z.tuple([z.literal("content-length-range"), z.number(), z.number()]),
  z.tuple([z.enum(["eq", "starts-with"]), z.string().startsWith("$"), z.string()]),
  z.record(z.string(), z.string()),
]);
const policySchema = z.object({
  expiration: z.iso.datetime(),
  conditions: z.array(conditionSchema),
});
type Policy = z.infer<typeof policySchema>;

/** Fields that need no condition: the policy itself, its signature and the file. */
const FREE_FIELDS = new Set(["policy", "q-signature", "file", "q-key-time"]);

export type PostFormRules = {
  readonly bucket: string;
  readonly keys: SecretPair;
  readonly nowMs: number;
};

/**
 * Reads a POST Object form (436/14690) and throws what COS answers when its policy, the policy's signature or
 * one of its conditions does not hold. Every other field must be named by a condition.
 */
export async function readPostForm(
  contentType: string,
  body: Buffer<ArrayBuffer>,
  rules: PostFormRules,
): Promise<PostedObject> {
  const form = await parseForm(contentType, body);
  const fields = new Map<string, string>();
  for (const [name, value] of form) {
    if (typeof value === "string") fields.set(name.toLowerCase(), value);
  }
  const file = form.get("file");
  const key = fields.get("key");
  if (file === null || !key) throw malformed("The form needs the fields key and file.");

  checkPolicySignature(fields, rules);
  const policy = parsePolicy(fields.get("policy") ?? "");
  const bytes =
    typeof file === "string" ? Buffer.from(file) : Buffer.from(await file.arrayBuffer());
  checkConditions(policy, fields, { bucket: rules.bucket, bytes: bytes.byteLength });
  if (Date.parse(policy.expiration) < rules.nowMs) {
    throw new CosError("AccessDenied", "You post object request has been expired");
  }

  const successStatus = Number(fields.get("success_action_status") ?? 204);
  return {
    key,
    body: bytes,
    contentType: fields.get("content-type") ?? "application/octet-stream",
    successStatus: [200, 201, 204].includes(successStatus) ? successStatus : 204,
    headers: Object.fromEntries([...fields].filter(([name]) => name.startsWith("x-cos-meta-"))),
  };
}

async function parseForm(contentType: string, body: Buffer<ArrayBuffer>): Promise<FormData> {
  try {
    const headers = { "content-type": contentType };
    return await new Request("http://loopback/", { method: "POST", headers, body }).formData();
  } catch {
    throw malformed("The body is not a multipart form.");
  }
}

function checkPolicySignature(fields: ReadonlyMap<string, string>, rules: PostFormRules): void {
  const policy = fields.get("policy");
  if (policy === undefined) throw new CosError("AccessDenied", "Access Denied.");
  const time = fields.get("q-key-time") ?? "";
  checkKeyId(fields.get("q-ak") ?? "", rules.keys);
  checkKeyTime(time, rules.nowMs);
  const text = Buffer.from(policy, "base64").toString("utf8");
  checkSignature(fields.get("q-signature") ?? "", sha1(text), { key: rules.keys.secretKey, time });
}

function parsePolicy(base64: string): Policy {
  try {
    return policySchema.parse(JSON.parse(Buffer.from(base64, "base64").toString("utf8")));
  } catch {
    throw malformed("The policy cannot be read.");
  }
}

function checkConditions(
  policy: Policy,
  fields: ReadonlyMap<string, string>,
  facts: { readonly bucket: string; readonly bytes: number },
): void {
  const named = new Set<string>();
  // The policy calls the key's time q-sign-time; the form calls it q-key-time.
  const actual = new Map([
    ...fields,
    ["bucket", facts.bucket],
    ["q-sign-time", fields.get("q-key-time") ?? ""],
  ]);
  const check = (field: string, expected: string, how: "eq" | "starts-with"): void => {
    const name = field.toLowerCase();
    named.add(name);
    const value = actual.get(name) ?? "";
    if (how === "eq" ? value === expected : value.startsWith(expected)) return;
    throw new CosError("AccessDenied", `Condition key ${name} doesn't match the value ${expected}`);
  };
  for (const condition of policy.conditions) {
    if (!Array.isArray(condition)) {
      for (const [name, expected] of Object.entries(condition)) check(name, expected, "eq");
    } else if (condition[0] === "content-length-range") {
      checkLength(facts.bytes, condition[1], condition[2]);
    } else {
      check(condition[1].slice(1), condition[2], condition[0]);
    }
  }
  for (const name of fields.keys()) {
    if (named.has(name) || FREE_FIELDS.has(name)) continue;
    throw new CosError("AccessDenied", `The policy has no condition for the field ${name}`);
  }
}

function checkLength(bytes: number, min: number, max: number): void {
  if (bytes > max)
    throw new CosError("EntityTooLarge", "Your proposed upload exceeds the maximum.");
  if (bytes < min)
    throw new CosError("EntityTooSmall", "Your proposed upload is below the minimum.");
}

function malformed(message: string): CosError {
  return new CosError("MalformedPOSTRequest", message);
}
