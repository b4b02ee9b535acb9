import { expect, test } from "bun:test";
import type { StoreSubject } from "./store.fixture.ts";

/** Texts that all processes share. */
export function settingStoreContract(subject: () => StoreSubject): void {
  test("settings are kept and forgotten", async () => {
    const { store } = subject();
    await store.settings.put("pause:test", "why");
    const kept = await store.settings.get("pause:test");
    await store.settings.put("pause:test", null);

    expect([kept, await store.settings.get("pause:test")]).toEqual(["why", null]);
  });
}
