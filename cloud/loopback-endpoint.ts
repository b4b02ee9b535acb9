/**
 * Whether an endpoint ("host" or "host:port") is this machine. Such an endpoint is spoken to over plain http
 * and never through a proxy; every other one over https.
 */
export function isLoopbackEndpoint(endpoint: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(endpoint);
}
