import type { DemoClient } from "../../local/demo/demo-client.ts";

export type ApiParts = {
  readonly client: DemoClient;
  readonly url: string;
  /** Null: nobody to sign in as. */
  readonly login: Login | null;
  /** Why what costs credits, and money at a provider, is left out; null when it is not. */
  readonly whyNotPaid: string | null;
};

export type Login = { readonly email: string; readonly password: string };
