import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeContract } from "../core/ports/contracts/store.contract.ts";
import { onMariadb } from "../tests/on-mariadb.ts";
import { openTestStore } from "./store.fixture.ts";

storeContract("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "drape-store-"));
  const opened = await openTestStore(`sqlite:${join(folder, "test.sqlite")}`);
  return {
    ...opened,
    async close() {
      await opened.close();
      rmSync(folder, { recursive: true });
    },
  };
});

onMariadb((server) => {
  storeContract("MariaDB", async () => openTestStore(await server().createDatabase("contract")));
});
