import { appendFile } from "node:fs/promises";

export const PROVIDER_ROUTES = ["chat", "images"] as const;
export type ProviderRoute = (typeof PROVIDER_ROUTES)[number];
/** A route of one provider. */
export const PROVIDER_ENDPOINTS = [
  "chat.tokenhub",
  "chat.ark",
  "chat.openai",
  "images.ark",
  "images.openai",
] as const;
export type ProviderEndpoint = (typeof PROVIDER_ENDPOINTS)[number];

export function routeOf(endpoint: ProviderEndpoint): ProviderRoute {
  return endpoint.startsWith("chat.") ? "chat" : "images";
}

/** One request to a provider as the emulator saw it. Never the key, never the pictures themselves. */
export interface ProviderRequest {
  readonly at: string;
  readonly route: ProviderRoute;
  readonly endpoint: ProviderEndpoint;
  readonly model: string;
  /** The first 300 characters. */
  readonly promptExcerpt: string;
  readonly imageCount: number;
  readonly imageHashes: readonly string[];
  readonly status: number;
  readonly durationMs: number;
  /** Kind of the fault that was asked for, or the code of the documented error, if one was applied. */
  readonly fault?: string;
}

export interface RequestLog {
  add(request: ProviderRequest): Promise<void>;
  list(route?: ProviderRoute): ProviderRequest[];
  clear(): void;
}

const ENTRIES_MAX = 10_000;

/** The last 10,000 requests in memory; with `file`, each is appended there as one line of JSON too. */
export function createRequestLog(file: string | undefined): RequestLog {
  let entries: ProviderRequest[] = [];
  return {
    async add(request) {
      entries.push(request);
      if (entries.length > ENTRIES_MAX) entries = entries.slice(-ENTRIES_MAX);
      if (file !== undefined) await appendFile(file, `${JSON.stringify(request)}\n`);
    },
    list: (route) => entries.filter((entry) => route === undefined || entry.route === route),
    clear() {
      entries = [];
    },
  };
}
