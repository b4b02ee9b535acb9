import { expect, test } from "bun:test";
import { freshId } from "../../model/ids.fixture.ts";
import { IDENTITY_MAX_CHARS, type Newcomer } from "../user-store.ts";
import { newUser, type StoreSubject } from "./store.fixture.ts";

/** Users, also those who sign in elsewhere. */
export function userStoreContract(subject: () => StoreSubject): void {
  test("an e-mail address belongs to one user", async () => {
    const { store } = subject();
    const user = newUser();

    const first = await store.users.create(user);
    const second = await store.users.create({ ...user, id: freshId("usr") });

    expect([first, second]).toEqual(["created", "email-taken"]);
    expect((await store.users.findByEmail(user.email))?.id).toBe(user.id);
  });

  test("who is known by nothing is made, with an account of 0 credits; who comes again is the same", async () => {
    const { store } = subject();
    const [identity, mei] = [newIdentity(), newcomer()];

    const [first, second] = [
      await store.users.signInAs([identity], mei),
      await store.users.signInAs([identity], newcomer()),
    ];

    const user = { ...mei, email: null, passwordHash: null, role: "customer" } as const;
    expect(first).toEqual({ user, created: true });
    expect(second).toEqual({ user, created: false });
    expect(await store.users.find(mei.id)).toEqual(user);
    expect(await store.credits.balance(mei.id)).toEqual({ available: 0, held: 0 });
  });

  test("many at once with one identity are one user", async () => {
    const { store } = subject();
    const identity = newIdentity();

    const signedIn = await Promise.all(
      Array.from({ length: 8 }, () => store.users.signInAs([identity], newcomer())),
    );

    expect(new Set(signedIn.map(({ user }) => user.id)).size).toBe(1);
    expect(signedIn.filter(({ created }) => created)).toHaveLength(1);
  });

  test("many at once who share only their second identity are one user", async () => {
    const { store } = subject();
    const shared = newIdentity();
    const own = Array.from({ length: 4 }, newIdentity);

    const signedIn = await Promise.all(
      [...own, ...own].map((identity) => store.users.signInAs([identity, shared], newcomer())),
    );

    expect(new Set(signedIn.map(({ user }) => user.id)).size).toBe(1);
    for (const identity of own) {
      const later = await store.users.signInAs([identity], newcomer());
      expect(later.user.id).toBe(signedIn[0]?.user.id ?? "");
    }
  });

  test("an identity that comes later is added to the user, and one that is another's stays so", async () => {
    const { store } = subject();
    const [anna, bert, late] = [newIdentity(), newIdentity(), newIdentity()];
    const { user } = await store.users.signInAs([anna], newcomer());
    const other = await store.users.signInAs([bert], newcomer());

    const withLate = await store.users.signInAs([anna, late], newcomer());
    const withOther = await store.users.signInAs([anna, bert], newcomer());

    const users = [withLate, withOther, await store.users.signInAs([late], newcomer())];
    expect(users.map((signedIn) => signedIn.user.id)).toEqual([user.id, user.id, user.id]);
    expect((await store.users.signInAs([bert], newcomer())).user.id).toBe(other.user.id);
  });

  test("identities that differ in case, or at their very end, are different people", async () => {
    const { store } = subject();
    const long = newIdentity().padEnd(IDENTITY_MAX_CHARS - 1, "x");

    const ids = [];
    for (const end of ["a", "A", "b"]) {
      ids.push((await store.users.signInAs([`${long}${end}`], newcomer())).user.id);
    }

    expect(new Set(ids).size).toBe(3);
  });

  test("users without an e-mail address do not get in each other's way, nor are they found by one", async () => {
    const { store } = subject();
    const [first, second] = [
      await store.users.signInAs([newIdentity()], newcomer()),
      await store.users.signInAs([newIdentity()], newcomer()),
    ];

    expect([first.created, second.created]).toEqual([true, true]);
    for (const address of ["", "null", first.user.id]) {
      expect(await store.users.findByEmail(address)).toBeNull();
    }
  });
}

let made = 0;

function newIdentity(): string {
  made += 1;
  return `elsewhere:${made}:${freshId("usr")}`;
}

function newcomer(): Newcomer {
  return { id: freshId("usr"), createdAtMs: Date.now() };
}
