import { objectStoreContract } from "../core/ports/contracts/object-store.contract.ts";
import { startFixtureCloud } from "../local/cloud-emulator/cloud.fixture.ts";
import { createCosObjectStore } from "./cos-object-store.ts";
import { system } from "../runtime/system.ts";

objectStoreContract("COS SDK over the emulated cloud", async () => {
  const cloud = await startFixtureCloud();
  const store = createCosObjectStore({ ...system, ...cloud.account, endpoint: cloud.cos.endpoint });
  return { store, close: cloud.close };
});
