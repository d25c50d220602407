// The page's policy holds, and nothing is asked of anybody but the page's own folder.

import assert from "node:assert/strict";

import { appStarted, start } from "./page.mjs";
import { becomes, choosePreset, sentence } from "./lab.mjs";
import { POLICY } from "./server.mjs";

const app = await start();

app.test("the page states the policy itself, where a host sends no header", async ({ open }) => {
  const page = await open();
  const stated = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.equal(stated, POLICY);
});

app.test("the policy refuses what the page does not bring itself", async ({ open }) => {
  const page = await open("", { allow: [/policy|Content Security Policy|ERR_BLOCKED_BY_CSP/i, /request to another origin/, /csp/] });
  const done = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "globalThis.inline = 1";
    document.body.append(script);
    // In a turn of its own: what a debugger evaluates may do this.
    const evaluated = await new Promise((done) => setTimeout(() => {
      try {
        done(new Function("return 'evaluated'")());
      } catch {
        done("refused");
      }
    }));
    const image = await new Promise((done) => {
      const it = new Image();
      it.onload = () => done("loaded");
      it.onerror = () => done("refused");
      it.src = "https://example.invalid/pixel.png";
    });
    const fetched = await fetch("https://example.invalid/").then(() => "fetched", () => "refused");
    return { inline: globalThis.inline, evaluated, image, fetched };
  });
  assert.deepEqual(done, { inline: undefined, evaluated: "refused", image: "refused", fetched: "refused" });
});

app.test("a whole visit asks for nothing outside the folder, and keeps nothing for the next one", async ({ open }) => {
  const before = app.server.requests.length;
  const page = await open();
  await choosePreset(page, "ResNet: 7 × 7 at stride 2");
  await becomes(async () => (await sentence(page)).endsWith("into 112 × 112"), true);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Copy figure as SVG" }).click();
  await page.goto(`${app.server.url}#/embed/lab`);
  await page.reload();
  await appStarted(page);
  const asked = app.server.requests.slice(before);
  assert.deepEqual(asked.filter(({ path, method }) => !path.startsWith("/some/sub/folder/") || method !== "GET"), []);
  assert.deepEqual(asked.filter(({ status }) => status !== 200), []);
  assert.deepEqual(await page.context().cookies(), []);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

app.test("the folder without its slash leads to the page", async ({ open }) => {
  const page = await open(app.server.url.slice(0, -1));
  assert.match(await sentence(page), /turns 5 × 5 into 3 × 3/);
});
