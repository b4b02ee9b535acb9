import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import sharp from "sharp";
import { z } from "zod";
import { openGuideShell } from "../deployment/guide-shell.ts";
import { guideLines } from "../deployment/read-guide.ts";
import { openJourney, type Journey } from "../journey.ts";
import { whereInstalled } from "../on-server.ts";
import { send } from "../send.ts";

const sessionSchema = z.object({ token: z.string() });

const PROGRAMS = ["curl", "jq"];
const PAGE = join(import.meta.dir, "../../docs/routes.md");

whereInstalled(
  {
    name: "the documented upload",
    programs: PROGRAMS.join(" and "),
    hint: "install them to run what docs/routes.md says",
    isInstalled: () => PROGRAMS.every((program) => spawnSync(program, ["--version"]).status === 0),
  },
  () => {
    describe("the upload of docs/routes.md", () => {
      let journey: Journey;
      let folder = "";
      beforeAll(async () => {
        journey = await openJourney();
        folder = mkdtempSync(join(tmpdir(), "drape-upload-"));
      });
      afterAll(async () => {
        await journey.close();
        rmSync(folder, { recursive: true });
      });

      test("takes a photo into the store as the lines are written", async () => {
        const login = { email: "anna@example.com", password: "a long enough one" };
        const { token } = sessionSchema.parse(
          await send(`${journey.url}/api/v1/auth/register`, "POST", login),
        );
        const photo = await sharp({
          create: { width: 60, height: 80, channels: 3, background: "#c33" },
        })
          .jpeg()
          .toFile(join(folder, "shirt.jpg"));

        const lines = guideLines(readFileSync(PAGE, "utf8"), ["A photo"]);
        const shell = openGuideShell(folder, {
          PATH: process.env["PATH"] ?? "",
          no_proxy: "127.0.0.1",
          URL: journey.url,
          AUTH: `Authorization: Bearer ${token}`,
          JSON: "Content-Type: application/json",
        });
        for (const line of lines) expect(await shell.run(line)).toMatchObject({ code: 0 });
        const { out } = await shell.run('printf "%s" "$PHOTO"');
        await shell.end();
        const key = journey.objects.keyOfUrl(out.trim());

        expect(await journey.objects.head(key ?? "")).toMatchObject({
          bytes: photo.size,
          contentType: "image/jpeg",
        });
      });
    });
  },
);
