// The figure of the default link stands in index.html: it is seen before the app runs, and nothing
// moves when the app takes over.

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { DIST, appStarted, start } from "./page.mjs";
import { assertStill, cell, sentence, watchShifts } from "./lab.mjs";

const app = await start();

/** Keeps the app from starting until `go` is called. */
function held() {
  let go;
  const gone = new Promise((done) => { go = done; });
  const hold = (page) => page.route("**/*.wasm", async (route) => {
    await gone;
    await route.continue();
  });
  return { hold, go };
}

/** The figure drawn at build time that is seen at this width. */
const drawn = (page) => page.locator("#first-figure svg[role=img]:visible, #first-figure svg:has(text):visible");

app.test("the default link shows its figure before the app runs", async ({ open }) => {
  const { hold, go } = held();
  const page = await open("", { before: hold, ready: false });
  await page.locator("#first-figure").waitFor();
  assert.match(await sentence(page), /turns 5 × 5 into 3 × 3/);
  const numbers = (await drawn(page).first().locator("text").allTextContents()).map((text) => text.trim());
  assert.ok(numbers.includes("28"), numbers.join(" "));
  assert.equal(await page.locator("canvas").count(), 0);
  await page.shot("first-figure");
  go();
  await appStarted(page);
  assert.equal(await page.locator("#first-figure").count(), 0);
  assert.match(await sentence(page), /turns 5 × 5 into 3 × 3/);
});

for (const [width, height] of [[1280, 800], [1000, 700], [768, 1024], [390, 844], [360, 640], [1920, 1080]]) {
  app.test(`nothing moves when the app takes over at ${width} × ${height}`, async ({ open }) => {
    const { hold, go } = held();
    const before = async (page) => {
      await watchShifts(page);
      await hold(page);
    };
    const page = await open("#/lab", { viewport: { width, height }, before, ready: false });
    const heading = page.getByRole("heading", { level: 1 });
    const centre = async (locator) => {
      const box = await locator.boundingBox();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const before28 = await centre(drawn(page).locator("text", { hasText: /^28$/ }).first());
    const beforeHeading = await heading.boundingBox();
    const beforeTransport = await page.locator("#first-figure .transport").boundingBox();
    go();
    await appStarted(page);
    await cell(page, "Output", 1, 1).waitFor({ state: "attached" });
    await assertStill(page);
    const nearly = (a, b, what) => assert.ok(Math.abs(a - b) <= 2, `${what}: ${a} became ${b}`);
    const after28 = await centre(cell(page, "Output", 1, 1));
    nearly(before28.x, after28.x, "28 from the left");
    nearly(before28.y, after28.y, "28 from the top");
    nearly(beforeHeading.y, (await heading.boundingBox()).y, "sentence from the top");
    const transport = await page.getByRole("region", { name: "Steps" }).boundingBox();
    nearly(beforeTransport.y, transport.y, "transport from the top");
  });
}

for (const link of ["#/lab?n=6", "#/lab?v=1&n=4&s=1&p=0&b=none&step=1", "#/embed/lab", "#/nonsense"]) {
  app.test(`the drawn figure is not shown for ${link}`, async ({ open }) => {
    const { hold, go } = held();
    const page = await open(link, { before: hold, ready: false });
    await page.locator("#first-figure").waitFor({ state: "attached" });
    assert.equal(await page.locator("#first-figure .lab__main").isVisible(), false);
    assert.equal(await drawn(page).count(), 0);
    go();
    await appStarted(page);
  });
}

for (const link of ["", "#", "#/", "#/lab"]) {
  app.test(`the drawn figure is shown for “${link}”`, async ({ open }) => {
    const { hold, go } = held();
    const page = await open(link, { before: hold, ready: false });
    await page.locator("#first-figure").waitFor();
    assert.ok(await drawn(page).first().isVisible());
    go();
    await appStarted(page);
  });
}

/** The sentence that says why the page does not work; it is in sight without scrolling. */
async function assertSaid(page, expected) {
  const words = page.locator(".page-word:visible");
  assert.equal(await words.count(), 1);
  assert.match(await words.innerText(), expected);
  const box = await words.boundingBox();
  assert.ok(box.y >= 0 && box.y + box.height <= page.viewportSize().height, JSON.stringify(box));
}

app.test("the figure stands where scripts are off, with a word on why it is still", async ({ open }) => {
  // What the page would have loaded for a script is refused then.
  const page = await open("", { javaScript: false, allow: [/\.js: csp$/] });
  assert.ok(await drawn(page).first().isVisible());
  await assertSaid(page, /The figure moves, and answers questions, where scripts are allowed/);
  await page.shot("no-script");
});

// A page whose program did not arrive stood there without a word, the stack page as an empty sheet.
for (const [link, missing] of [["", "**/*.wasm"], ["#/stack", "**/*.wasm"], ["#/lab?n=6", "**/*_rest.wasm"], ["", "**/start-*.js"]]) {
  app.test(`“${link}” says so when ${missing} does not arrive`, async ({ open }) => {
    const before = (page) => page.route(missing, (route) => route.abort());
    const page = await open(link, { before, ready: false, allow: [/wasm|start-/, /ERR_FAILED/, /fetch/i] });
    await page.waitForFunction(() => document.documentElement.dataset.app === "failed");
    await assertSaid(page, /did not arrive, or has stopped working\. Please reload it/);
    if (link === "") assert.ok(await drawn(page).first().isVisible());
    assert.ok(await page.getByRole("link", { name: "Lab", exact: true }).isVisible());
  });
}

app.test("a program that ends in the middle is said", async ({ open }) => {
  const page = await open("", { allow: [/unreachable|RuntimeError/] });
  assert.equal(await page.locator(".page-word:visible").count(), 0);
  await page.evaluate(() => {
    setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); });
  });
  await page.locator(".page-word--failed").waitFor();
});

app.test("a page opened from a file says that it needs a server", async ({ open }) => {
  const page = await open("", { allow: [/./] });
  await page.goto(pathToFileURL(join(DIST, "index.html")).href);
  await assertSaid(page, /browsers start it from a web server only/);
});

app.test("a browser without SIMD is told so in plain words", async ({ open }) => {
  const before = (page) => page.addInitScript(() => { WebAssembly.validate = () => false; });
  const page = await open("", { before, ready: false });
  await assertSaid(page, /too old for the moving figure/);
});
