import { z } from "zod";
import type { Photo } from "./collect-photos.ts";
import { readEvents, type ServerEvent } from "./read-events.ts";

const sessionSchema = z.object({ token: z.string(), user: z.object({ id: z.string() }) });
const uploadSchema = z.object({
  upload: z.object({ url: z.string(), fields: z.record(z.string(), z.string()) }),
  objectUrl: z.string(),
});
const taskSchema = z.object({
  id: z.string(),
  status: z.string(),
  attempts: z.number(),
  result: z
    .object({
      images: z.array(
        z.object({
          index: z.number(),
          url: z.string(),
          width: z.number(),
          height: z.number(),
          bytes: z.number(),
          format: z.string(),
          provider: z.string(),
        }),
      ),
      missed: z.array(z.object({ index: z.number(), code: z.string(), message: z.string() })),
      prompt: z.object({ zh: z.string(), en: z.string() }).nullable(),
    })
    .nullable(),
  degradations: z.array(
    z.object({
      step: z.string(),
      index: z.number(),
      reason: z.string(),
      usedInstead: z.string(),
      creditsReturned: z.number(),
    }),
  ),
  cost: z.object({ held: z.number(), charged: z.number(), refunded: z.number() }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type DemoTask = z.infer<typeof taskSchema>;
const problemSchema = z.object({ detail: z.string(), code: z.string() });

type Extra = { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal };

/** A customer's client of the HTTP API: what a web page or a server would do. */
export class DemoClient {
  readonly #url: string;
  readonly #signal: AbortSignal;
  #token = "";
  userId = "";

  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  /** The same customer at another address of the API. */
  at(url: string): DemoClient {
    const other = new DemoClient(url, this.#signal);
    other.#token = this.#token;
    other.userId = this.userId;
    return other;
  }

  async register(email: string, password: string): Promise<void> {
    const body = { email, password };
    const session = sessionSchema.parse(await this.send("POST", "/api/v1/auth/register", body));
    this.#token = session.token;
    this.userId = session.user.id;
  }

  async login(email: string, password: string): Promise<void> {
    const body = { email, password };
    const session = sessionSchema.parse(await this.send("POST", "/api/v1/auth/login", body));
    this.#token = session.token;
    this.userId = session.user.id;
  }

  /** Sends a photo straight to the object store with a signed form; gives its address. */
  async upload({ bytes, contentType, name }: Photo): Promise<string> {
    const spec = { contentType, bytes: bytes.byteLength };
    const { upload, objectUrl } = uploadSchema.parse(
      await this.send("POST", "/api/v1/uploads", spec),
    );
    const form = new FormData();
    for (const [field, value] of Object.entries(upload.fields)) form.append(field, value);
    form.append("file", new Blob([new Uint8Array(bytes)], { type: contentType }), name);
    const response = await fetch(upload.url, { method: "POST", body: form, signal: this.#signal });
    if (!response.ok) throw new Error(`"${name}" was not taken by the store (${response.status}).`);
    return objectUrl;
  }

  async createTask(body: unknown): Promise<DemoTask> {
    return taskSchema.parse(await this.send("POST", "/api/ai-image/generate", body));
  }

  async readTask(id: string): Promise<DemoTask> {
    return taskSchema.parse(await this.send("GET", `/api/v1/ai-generation/tasks/${id}`));
  }

  async cancelTask(id: string): Promise<void> {
    await this.send(
      "DELETE",
      `/api/v1/ai-generation/tasks/${id}`,
      undefined,
      AbortSignal.timeout(5_000),
    );
  }

  /** The task's events from its first, or after one that was seen, until its last. */
  async *follow(id: string, lastEventId?: string): AsyncGenerator<ServerEvent> {
    const path = `/api/v1/ai-generation/tasks/${id}/events`;
    const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const response = await this.raw("GET", path, undefined, { headers });
    if (!response.ok || response.body === null)
      throw new Error(`no event stream (${response.status})`);
    yield* readEvents(response.body);
  }

  async download(url: string): Promise<Uint8Array> {
    const response = await fetch(url, { signal: this.#signal });
    if (!response.ok) throw new Error(`a picture could not be fetched (${response.status})`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** The answer's JSON; throws with the problem's words when the API refuses. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    signal = this.#signal,
  ): Promise<unknown> {
    const response = await this.raw(method, path, body, { signal });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    const problem = problemSchema.safeParse(answer).data;
    throw new Error(
      problem === undefined ? `HTTP ${response.status}` : `${problem.detail} (${problem.code})`,
    );
  }

  /** The bare answer, whatever it is. */
  raw(
    method: string,
    path: string,
    body?: unknown,
    { signal = this.#signal, headers = {} }: Extra = {},
  ): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      signal,
      headers: {
        ...(this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
