import { Hono } from "hono";
import { answerPublic } from "../answer-public.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";

/** What a prepared photo, a prompt and a picture cost, in credits; for everybody. A task keeps the prices of its create. */
export function createPriceRoutes({ settings }: Pick<ApiDeps, "settings">) {
  const { preprocess, prompt, image } = settings.prices;
  return new Hono<ApiEnv>().get("/api/v1/prices", (c) =>
    answerPublic(c, { unit: "credits", prices: { preprocess, prompt, image } }),
  );
}
