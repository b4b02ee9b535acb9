import { beforeEach, describe, expect, test } from "bun:test";
import { EmbeddedCache } from "../../redis/embedded-cache.ts";
import { EmbeddedBroadcast } from "../../redis/embedded-broadcast.ts";
import type { User } from "../ports/user-store.ts";
import { createUserCache } from "./user-cache.ts";
import { silentLog } from "../../tests/silent-log.ts";

const mei: User = {
  id: "usr_mei",
  email: "mei@example.com",
  passwordHash: "scrypt$",
  role: "customer",
  createdAtMs: 1,
};

describe("createUserCache", () => {
  let row: User | null;
  let reads: number;
  let nowMs: number;
  let barrier: Promise<void>;
  let cache: EmbeddedCache;
  let broadcast: EmbeddedBroadcast;
  const store = {
    users: {
      async find() {
        reads += 1;
        const found = row;
        await barrier;
        return found;
      },
    },
  };
  const openProcess = () => createUserCache({ store, cache, broadcast });
  beforeEach(() => {
    [row, reads, nowMs, barrier] = [mei, 0, 0, Promise.resolve()];
    cache = new EmbeddedCache({ nowMs: () => nowMs });
    broadcast = new EmbeddedBroadcast(silentLog);
  });

  test("a user is read once in 30 s by all processes, without the password", async () => {
    const [first, second] = [openProcess(), openProcess()];
    const { passwordHash: _, ...shown } = mei;

    const states = [await first.find(mei.id), await second.find(mei.id)];
    nowMs += 30_000;
    await first.find(mei.id);

    expect(states).toEqual([shown, shown]);
    expect(await cache.get(`user:${mei.id}`)).not.toContain("scrypt");
    expect(reads).toBe(2);
  });

  test("a role that was changed is seen by every process at once", async () => {
    const [first, second] = [openProcess(), openProcess()];
    await second.find(mei.id);

    row = { ...mei, role: "admin" };
    await first.changed(mei.id);

    expect((await second.find(mei.id))?.role).toBe("admin");
  });

  test("a read that was under way when the role changed is not kept", async () => {
    const [first, second] = [openProcess(), openProcess()];
    let open = (): void => undefined;
    barrier = new Promise((resolve) => (open = resolve));

    const old = second.find(mei.id);
    await new Promise(setImmediate);
    row = { ...mei, role: "admin" };
    await first.changed(mei.id);
    open();

    expect((await old)?.role).toBe("customer");
    expect((await second.find(mei.id))?.role).toBe("admin");
  });

  test("who is not there is looked for each time", async () => {
    row = null;
    const users = openProcess();

    const before = await users.find(mei.id);
    row = mei;

    expect(before).toBeNull();
    expect((await users.find(mei.id))?.email).toBe(mei.email);
  });
});
