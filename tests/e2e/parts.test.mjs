// The app comes in parts: the first and the page's own make the figure move, the others follow.

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

/** Holds the first request for each part that `page` does not begin with until `go` is called; counts all. */
function othersHeld(page) {
  const held = { requests: 0 };
  const gone = new Promise((done) => { held.go = done; });
  const others = ["lab", "stack", "rest"].filter((part) => part !== page).join("|");
  held.hold = (tab) => {
    const asked = new Set();
    return tab.route(new RegExp(`_(${others})\\.wasm$`), async (route) => {
      held.requests += 1;
      const first = !asked.has(route.request().url());
      asked.add(route.request().url());
      // The server packs it when it is first asked; it shall not come after the figure has played to its end.
      const response = await route.fetch();
      if (first) await gone;
      await route.fulfill({ response });
    });
  };
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
    const held = othersHeld("lab");
    const page = await open("", { ...options, before: held.hold, ready: false });
    await moving(page);
    await page.locator(".transport__play").dispatchEvent("click");
    await page.getByText(/^Step 7 of 9/).first().waitFor();
    // One more would mean that something of another part was needed: `cargo xtask first`.
    assert.equal(held.requests, 2);
    assert.equal(await page.locator(".lab__panel").count(), 0);
    held.go();
    await appStarted(page);
    await page.locator(".lab__panel").waitFor({ state: "attached" });
    assert.equal(held.requests, 2);
  });
}

for (const [name, options] of [
  ["on a desk", { viewport: { width: 1440, height: 900 } }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, scale: 2 }],
]) {
  app.test(`the stack page's figure is there and follows the pointer before the rest is, ${name}`, async ({ open }) => {
    const held = othersHeld("stack");
    const page = await open("#/stack", { ...options, before: held.hold, ready: false });
    await moving(page);
    const canvas = page.locator("canvas").first();
    const { width, height } = await canvas.boundingBox();
    for (const across of [0.3, 0.5, 0.7, 0.9]) {
      await canvas.dispatchEvent("pointermove", { bubbles: true, clientX: width * across, clientY: height / 2 });
    }
    await page.waitForTimeout(300);
    assert.equal(held.requests, 2);
    assert.equal(await page.locator(".stack__layers tbody tr").count(), 0);
    held.go();
    await appStarted(page);
    await page.locator(".stack__layers tbody tr").first().waitFor({ state: "attached" });
    assert.equal(held.requests, 2);
  });
}

app.test("what needs the rest early has it loaded then and there", async ({ open }) => {
  const held = othersHeld("lab");
  const page = await open("", { before: held.hold, ready: false });
  await moving(page);
  await page.locator("canvas").click({ position: { x: 150, y: 150 } });
  assert.ok(held.requests > 2);
  held.go();
  await appStarted(page);
  await page.getByRole("button", { name: "Unpin" }).or(page.getByText("pinned")).first().waitFor();
});

app.test("another figure than the drawn one waits for all parts", async ({ open }) => {
  const held = othersHeld("lab");
  const page = await open("#/lab?n=6", { before: held.hold, ready: false });
  await page.waitForTimeout(500);
  assert.equal(await page.locator("canvas").count(), 0);
  held.go();
  await appStarted(page);
  await cell(page, "Input", 5, 5).waitFor({ state: "attached" });
  assert.equal(held.requests, 2);
});
