// The app comes in parts: the first makes the figure move, the others follow.

import assert from "node:assert/strict";

import { readdir } from "node:fs/promises";

import { DIST, appStarted, start } from "./page.mjs";
import { cell } from "./lab.mjs";

const app = await start();

// The server packs a file when it is first asked for it. That takes seconds of all processors, in which the figure
// would leave out steps, or play to its end.
for (const name of (await readdir(DIST)).filter((name) => /\.(wasm|js)$/.test(name))) {
  await (await fetch(app.server.url + name)).arrayBuffer();
}

/** Holds the first request for the rest until `go` is called, and counts them all. */
function restHeld() {
  const held = { requests: 0 };
  const gone = new Promise((done) => { held.go = done; });
  held.hold = (page) => page.route("**/*_rest.wasm", async (route) => {
    held.requests += 1;
    const first = held.requests === 1;
    // It shall not come after the figure has played to its end.
    const response = await route.fetch();
    if (first) await gone;
    await route.fulfill({ response });
  });
  return held;
}

const moving = (page) => page.waitForFunction(() => document.documentElement.dataset.app === "moving");

for (const [name, options] of [
  ["on a desk", { viewport: { width: 1440, height: 900 } }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, scale: 2 }],
  ["in the dark", { theme: "dark" }],
  ["in forced colours", { forcedColors: true }],
  ["without motion", { reducedMotion: true }],
]) {
  app.test(`the figure plays before the rest is there, ${name}`, async ({ open }) => {
    const held = restHeld();
    const page = await open("", { ...options, before: held.hold, ready: false });
    await moving(page);
    await page.locator(".transport__play").dispatchEvent("click");
    await page.getByText(/^Step 7 of 9/).first().waitFor();
    // A second request would mean that something of the rest was needed: `cargo xtask first`.
    assert.equal(held.requests, 1);
    assert.equal(await page.locator(".lab__panel").count(), 0);
    held.go();
    await appStarted(page);
    await page.locator(".lab__panel").waitFor({ state: "attached" });
    assert.equal(held.requests, 1);
  });
}

app.test("what needs the rest early has it loaded then and there", async ({ open }) => {
  const held = restHeld();
  const page = await open("", { before: held.hold, ready: false });
  await moving(page);
  await page.locator("canvas").click({ position: { x: 150, y: 150 } });
  assert.equal(held.requests, 2);
  held.go();
  await appStarted(page);
  await page.getByRole("button", { name: "Unpin" }).or(page.getByText("pinned")).first().waitFor();
});

app.test("another figure than the drawn one waits for both parts", async ({ open }) => {
  const held = restHeld();
  const page = await open("#/lab?n=6", { before: held.hold, ready: false });
  await page.waitForTimeout(500);
  assert.equal(await page.locator("canvas").count(), 0);
  held.go();
  await appStarted(page);
  await cell(page, "Input", 5, 5).waitFor({ state: "attached" });
  assert.equal(held.requests, 1);
});
