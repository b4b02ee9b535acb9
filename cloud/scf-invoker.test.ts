import { functionInvokerContract } from "../core/ports/contracts/function-invoker.contract.ts";
import { startFixtureCloud } from "../local/cloud-emulator/cloud.fixture.ts";
import { createScfInvoker } from "./scf-invoker.ts";

functionInvokerContract("SCF SDK over the emulated cloud", async () => {
  const cloud = await startFixtureCloud();
  const invoker = createScfInvoker({ ...cloud.account, endpoint: cloud.scf.endpoint });
  return {
    invoker,
    async undeploy(name) {
      cloud.scf.setDeployed(name, false);
    },
    close: cloud.close,
  };
});
