import { describe, expect, test } from "bun:test";
import { asDrapeError } from "../../core/model/errors.ts";
import { BODY_MS, DRAIN_BYTES_MAX, DRAIN_MS, drainBody, readBody } from "./read-body.ts";

/** A clock whose sleeps end at once, or never; they are noted. */
function clockThat(ends: boolean) {
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    slept.push(ms);
    if (!ends) await new Promise<void>(() => {});
  };
  return { slept, clock: { sleep } };
}

function post(body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/", { method: "POST", body, headers });
}

const chunk = new Uint8Array(1_000_000);
const endless = () => new ReadableStream<Uint8Array>({ pull: (c) => c.enqueue(chunk) });
const silent = () => new ReadableStream<Uint8Array>({ pull: () => new Promise<void>(() => {}) });
const broken = () => new ReadableStream<Uint8Array>({ pull: (c) => c.error(new Error("reset")) });
const ofBytes = (count: number) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(count));
      controller.close();
    },
  });

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "read",
    (error: unknown) => asDrapeError(error).code,
  );

describe("a body is read", () => {
  test("up to its limit, and one byte more is refused", async () => {
    const { clock } = clockThat(false);

    expect(await readBody({ clock }, post(ofBytes(100)), 100)).toHaveLength(100);
    expect(await codeOf(readBody({ clock }, post(ofBytes(101)), 100))).toBe("PAYLOAD_TOO_LARGE");
    expect(await codeOf(readBody({ clock }, post(endless()), 5_000_000))).toBe("PAYLOAD_TOO_LARGE");
  });

  test("not at all when it says that it is too long", async () => {
    const { clock } = clockThat(false);

    const work = readBody({ clock }, post(silent(), { "content-length": "101" }), 100);

    expect(await codeOf(work)).toBe("PAYLOAD_TOO_LARGE");
  });

  test("for a minute at most: then it is answered with what to do", async () => {
    const { clock, slept } = clockThat(true);

    expect(await codeOf(readBody({ clock }, post(silent()), 100))).toBe("REQUEST_TIMEOUT");
    expect(slept).toEqual([BODY_MS]);
  });

  test("that breaks off is the client's fault", async () => {
    const { clock } = clockThat(false);

    expect(await codeOf(readBody({ clock }, post(broken()), 100))).toBe("MALFORMED_REQUEST");
  });
});

describe("a body that nobody needs is drained", () => {
  test("to its end, also where reading stopped at its limit", async () => {
    const { clock } = clockThat(false);
    const request = post(ofBytes(5_000_000));
    const stopped = await codeOf(readBody({ clock }, request, 1_000_000));

    expect([stopped, await drainBody({ clock }, request)]).toEqual(["PAYLOAD_TOO_LARGE", true]);
  });

  test("within a bound of bytes", async () => {
    const { clock } = clockThat(false);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.length;
        controller.enqueue(chunk);
      },
    });

    expect(await drainBody({ clock }, post(body))).toBe(false);
    expect(sent).toBeLessThan(DRAIN_BYTES_MAX + 5_000_000);
  });

  test("within a bound of time, and not when it breaks off or is longer anyway", async () => {
    const { clock, slept } = clockThat(true);
    const long = post(silent(), { "content-length": String(DRAIN_BYTES_MAX + 1) });

    expect(await drainBody({ clock }, post(silent()))).toBe(false);
    expect(slept).toEqual([DRAIN_MS]);
    expect(await drainBody({ clock: clockThat(false).clock }, post(broken()))).toBe(false);
    expect(await drainBody({ clock }, long)).toBe(false);
  });
});
