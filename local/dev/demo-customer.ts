import { hashPassword } from "../../api/sign-in/passwords.ts";
import { issueToken } from "../../api/sign-in/tokens.ts";
import type { Product } from "../../commands/all-in-one.ts";
import { newId } from "../../core/model/ids.ts";
import { drawSampleGarment } from "../samples/draw-sample-garment.ts";

export type Login = { readonly email: string; readonly password: string };

const CREDITS = 1_000;

/** A customer with credits and a photo, the same at every start; gives the lines that say how to try the product. */
export async function makeDemoCustomer(
  { url, deps, cloud }: Product,
  { email, password }: Login,
  jwtSecret: string,
): Promise<readonly string[]> {
  const { store, objects } = deps;
  const createdAtMs = Date.now();
  const id = newId("usr", createdAtMs, deps.random);
  const passwordHash = await hashPassword(password);
  await store.users.create({ id, email, passwordHash, role: "customer", createdAtMs });
  const user = await store.users.findByEmail(email);
  if (user === null) throw new Error("the demo customer could not be made");
  await store.credits.grant({
    id: `trf_dev_${user.id}`,
    userId: user.id,
    amount: CREDITS,
    reason: "development",
    actor: "system",
  });
  const photo = `u/${user.id}/up/sample.jpg`;
  await objects.put(photo, await drawSampleGarment("dress", 0), "image/jpeg");
  const body = {
    clothingImages: [objects.objectUrl(photo)],
    sceneType: "street",
    stylePreference: "casual",
    options: { size: "1024x1024", quality: "standard", n: 1 },
  };
  const token = issueToken(jwtSecret, { userId: user.id, role: user.role }, Date.now());
  return [
    `Login    ${email} / ${password}`,
    `Token    ${token}`,
    ...(cloud === null
      ? []
      : [`WeChat   the code dev-<name> signs in, say dev-anna; error-40226 is answered as such`]),
    "Try      this; the answer comes when the picture is made, with its URL:",
    "",
    `curl -X POST ${url}/api/ai-image/generate -H "Authorization: Bearer ${token}" ` +
      `-H "Content-Type: application/json" -H "Prefer: wait=30" -d '${JSON.stringify(body)}'`,
    "",
  ];
}
