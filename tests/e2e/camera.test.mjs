// The camera: the browser's fake one where it is allowed, and one sentence where it is not.

import assert from "node:assert/strict";
import { after } from "node:test";

import { appStarted, launch, start } from "./page.mjs";
import { becomes, painted, says, sentence } from "./lab.mjs";

const app = await start({ cameraAllowed: true });

const panel = (page) => page.getByRole("form", { name: "Controls" });

app.test("a still of the camera becomes the input", async ({ open }) => {
  const page = await open("", { permissions: ["camera"] });
  await page.getByRole("radio", { name: "Camera" }).click();
  await says(panel(page), /The picture stays on this machine\./);
  await page.getByRole("button", { name: "Open the camera" }).click();
  const take = page.getByRole("button", { name: "Take a picture" });
  await take.waitFor();
  await becomes(() => page.locator("video").evaluate((it) => it.readyState >= 2 && it.videoWidth > 0), true);
  const before = await painted(page);
  await take.click();
  await becomes(async () => /turns 192 × 256 into|turns \d{3} × 256 into/.test(await sentence(page)), true);
  await becomes(async () => (await painted(page)) !== before, true);
  await page.shot("camera");
  // It is switched off with its tab.
  const stream = await page.locator("video").evaluateHandle((it) => it.srcObject);
  await page.getByRole("radio", { name: "Photo" }).click();
  await becomes(() => page.locator("video").count(), 0);
  if (await stream.evaluate((it) => it !== null)) {
    assert.deepEqual(await stream.evaluate((it) => it.getTracks().map((track) => track.readyState)), ["ended"]);
  }
});

app.test("a refused camera is said in one sentence, and the figure stays", async ({ t }) => {
  const browser = await launch({ cameraAllowed: false });
  after(() => browser.close());
  // Without a window there is nobody to ask: the browser refuses by itself.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(app.server.url);
  await appStarted(page);
  const before = [await sentence(page), await painted(page)];
  await page.getByRole("radio", { name: "Camera" }).click();
  await page.getByRole("button", { name: "Open the camera" }).click();
  await says(panel(page), /The camera is not allowed here; allow it beside the address of the page, or choose a file/);
  assert.deepEqual([await sentence(page), await painted(page)], before);
  assert.ok(await page.getByRole("button", { name: "Open the camera" }).isVisible());
  t.diagnostic("refused as it should be");
  await context.close();
});

app.test("a machine without a camera is told so", async ({ open }) => {
  const before = (page) => page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("none", "NotFoundError"));
  });
  const page = await open("", { before });
  await page.getByRole("radio", { name: "Camera" }).click();
  await page.getByRole("button", { name: "Open the camera" }).click();
  await says(panel(page), /No camera was found; connect one, or choose a file/);
});
