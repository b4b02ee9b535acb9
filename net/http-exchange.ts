import { type ClientRequest, type IncomingMessage, type IncomingHttpHeaders } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";

export type HttpRequestSpec = {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Connect to this IP address; the name in `url` is still the one in Host, SNI and the certificate. */
  readonly address?: string;
  /** Until the connection (with TLS) stands. */
  readonly connectTimeoutMs: number;
  /** The answer's body is counted while it streams; one byte more is "too-large". */
  readonly bytesMax: number;
  /** The total deadline. */
  readonly signal: AbortSignal;
  /** Called with each part of the body as it comes, for who can use an answer that breaks later. */
  readonly onPart?: (part: Buffer, head: Pick<HttpAnswer, "status" | "headers">) => void;
  /** Certificates to trust instead of the system's; for tests. */
  readonly trustedCertificates?: string;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

type Reason = "unreachable" | "timeout" | "broken" | "too-large";

/** A wire failure. `sent` is false only when the other side cannot have seen the request. */
export class HttpExchangeError extends Error {
  readonly reason: Reason;
  readonly sent: boolean;
  readonly wireCode: string;

  constructor(reason: Reason, sent: boolean, wireCode: string) {
    super(`${reason} (${wireCode})`);
    this.name = "HttpExchangeError";
    this.reason = reason;
    this.sent = sent;
    this.wireCode = wireCode;
  }
}

/** Errors that come before a connection stands, on whichever runtime. */
const BEFORE_CONNECT =
  /^(ECONNREFUSED|ConnectionRefused|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO)/;

/**
 * One HTTP request on a connection of its own: no redirect followed, no cookie, no proxy, no reuse of an
 * idle connection (one that the other side just closed would make `sent` a guess). Resolves with any
 * status; rejects with `HttpExchangeError` only.
 */
export function exchangeHttp(spec: HttpRequestSpec): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const give = (error: unknown) => {
      settle();
      reject(asExchangeError(error, connected));
      request.destroy();
    };
    const settle = () => {
      clearTimeout(connectTimer);
      spec.signal.removeEventListener("abort", expire);
    };
    const expire = () => give(new HttpExchangeError("timeout", connected, "DEADLINE"));

    const request = openRequest(spec);
    const connectTimer = setTimeout(
      () => give(new HttpExchangeError("timeout", false, "CONNECT_TIMEOUT")),
      spec.connectTimeoutMs,
    );
    const onConnect = () => {
      connected = true;
      clearTimeout(connectTimer);
    };
    request.on("socket", (socket) => {
      socket.once(spec.url.protocol === "https:" ? "secureConnect" : "connect", onConnect);
    });
    request.on("error", give);
    const answer = async (response: IncomingMessage) => {
      onConnect();
      try {
        const head = { status: response.statusCode ?? 0, headers: response.headers };
        const body = await readBody(response, spec.bytesMax, (part) => spec.onPart?.(part, head));
        settle();
        resolve({ ...head, body });
        request.destroy();
      } catch (error) {
        give(error);
      }
    };
    request.on("response", (response) => void answer(response));
    spec.signal.addEventListener("abort", expire, { once: true });
    if (spec.signal.aborted) expire();
    else request.end(spec.body);
  });
}

function openRequest(spec: HttpRequestSpec): ClientRequest {
  const { url } = spec;
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const options = {
    method: spec.method,
    host: spec.address ?? hostname,
    path: `${url.pathname}${url.search}`,
    agent: false as const,
    headers: {
      ...spec.headers,
      Host: url.host,
      "Accept-Encoding": "identity",
      Connection: "close",
      ...(spec.body === undefined ? {} : { "Content-Length": String(spec.body.byteLength) }),
    },
  };
  if (url.protocol === "http:") return http.request({ ...options, port: url.port || 80 });
  return https.request({
    ...options,
    port: url.port || 443,
    rejectUnauthorized: true,
    // SNI carries names only; for a bare address the certificate is checked against the address.
    servername: isIP(hostname) === 0 ? hostname : "",
    ...(spec.trustedCertificates === undefined ? {} : { ca: spec.trustedCertificates }),
  });
}

async function readBody(
  response: IncomingMessage,
  bytesMax: number,
  onPart: (part: Buffer) => void,
): Promise<Buffer> {
  const announced = Number(response.headers["content-length"] ?? 0);
  const tooLarge = () => new HttpExchangeError("too-large", true, "BODY_LIMIT");
  if (announced > bytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece = Buffer.from(chunk);
    bytes += piece.byteLength;
    if (bytes > bytesMax) throw tooLarge();
    onPart(piece);
    chunks.push(piece);
  }
  return Buffer.concat(chunks, bytes);
}

function asExchangeError(error: unknown, connected: boolean): HttpExchangeError {
  if (error instanceof HttpExchangeError) return error;
  const code =
    error instanceof Error && "code" in error ? String(error.code).slice(0, 60) : "UNKNOWN";
  if (!connected && BEFORE_CONNECT.test(code)) {
    return new HttpExchangeError("unreachable", false, code);
  }
  return new HttpExchangeError("broken", true, code);
}
