// What is taken elsewhere: the figure as SVG and PNG, an iframe for another page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { start } from "./page.mjs";
import { becomes, choosePreset, says } from "./lab.mjs";

const app = await start();

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
const menu = (page) => page.locator("#share-menu");
const share = async (page, what) => {
  if (!(await menu(page).isVisible())) {
    await page.getByRole("button", { name: "Share" }).click();
  }
  await page.getByRole("button", { name: what }).click();
};
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** Checks an SVG as a file of its own: nothing in it may need this page. */
async function assertWhole(page, svg) {
  const parsed = await page.evaluate((svg) => {
    const document = new DOMParser().parseFromString(svg, "image/svg+xml");
    const text = [...document.querySelectorAll("text")].map((it) => it.textContent);
    return { root: document.documentElement.nodeName, error: document.querySelector("parsererror")?.textContent, text };
  }, svg);
  assert.equal(parsed.error, undefined);
  assert.equal(parsed.root, "svg");
  assert.doesNotMatch(svg, /var\(|oklch\(|color-mix\(|currentColor|class=|<script|href="http/i);
  return parsed.text;
}

/** Width and height of a picture, as an image element sees it, and how many colours it has. */
const drawn = (page, url) => page.evaluate(async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) {
    seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  }
  return { width: canvas.width, height: canvas.height, colours: seen.size };
}, url);

for (const theme of ["light", "dark"]) {
  app.test(`the figure is copied as an SVG that stands alone (${theme})`, async ({ open }) => {
    const page = await open("", { ...CLIPBOARD, theme });
    await share(page, "Copy figure as SVG");
    await says(menu(page), /SVG copied/);
    const svg = await clipboard(page);
    const text = await assertWhole(page, svg);
    assert.ok(text.includes("28"), text.join(" "));
    assert.match(svg, /(<title>|role="img" aria-label=")[^<"]*turns 5 × 5 into 3 × 3/);
    const picture = await drawn(page, `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`);
    assert.ok(picture.colours > 20 && picture.width > 300, JSON.stringify(picture));
  });
}

app.test("a photograph is in its SVG", async ({ open }) => {
  const page = await open("#/lab?x=photo-coffee&s=2&step=5000", CLIPBOARD);
  await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("coffee")));
  await becomes(async () => {
    await share(page, "Copy figure as SVG");
    await says(menu(page), /SVG copied/);
    const svg = await clipboard(page);
    await assertWhole(page, svg);
    const picture = await drawn(page, `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`);
    return picture.colours > 200;
  }, true);
});

app.test("the SVG shows the present step and the present numbers", async ({ open }) => {
  const page = await open("#/lab?step=1", CLIPBOARD);
  await share(page, "Copy figure as SVG");
  await says(menu(page), /SVG copied/);
  const first = await assertWhole(page, await clipboard(page));
  await page.keyboard.press("Escape");
  await choosePreset(page, "Full padding, no strides");
  await share(page, "Copy figure as SVG");
  await says(menu(page), /SVG copied/);
  const other = await assertWhole(page, await clipboard(page));
  assert.ok(!first.includes("28") && other.some((text) => text.includes("7 × 7")));
});

app.test("the figure is saved as an SVG file", async ({ open }) => {
  const page = await open();
  const arriving = page.waitForEvent("download");
  await share(page, "Save figure as SVG");
  const download = await arriving;
  assert.equal(download.suggestedFilename(), "convolution.svg");
  await assertWhole(page, await readFile(await download.path(), "utf8"));
});

app.test("the figure is copied as a PNG", async ({ open }) => {
  const page = await open("", CLIPBOARD);
  await share(page, "Copy figure as PNG");
  await says(menu(page), /PNG copied/);
  const url = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const blob = await item.getType("image/png");
    return new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(blob);
    });
  });
  const picture = await drawn(page, url);
  assert.ok(picture.width > 800 && picture.height > 400 && picture.colours > 20, JSON.stringify(picture));
});

app.test("where nothing may be copied, a PNG is saved and a text is copied the old way", async ({ open }) => {
  const before = (page) => page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    delete Navigator.prototype.clipboard;
  });
  const page = await open("", { before });
  const arriving = page.waitForEvent("download");
  await share(page, "Copy figure as PNG");
  assert.equal((await arriving).suggestedFilename(), "convolution.png");
  await says(menu(page), /PNG saved as a file/);
  await share(page, "Copy link");
  await says(menu(page), /Link copied/);
  const bias = page.getByRole("textbox", { name: "Bias, number" });
  await bias.fill("");
  await bias.press("Control+V");
  assert.match(await bias.inputValue(), /#\/lab$/);
});

app.test("the iframe is one element that shows this figure", async ({ open }) => {
  const page = await open("#/lab?n=6&step=4&s=1", CLIPBOARD);
  await share(page, "Copy iframe for a page");
  await says(menu(page), /Iframe copied/);
  const html = await clipboard(page);
  const frame = await page.evaluate((html) => {
    const { body } = new DOMParser().parseFromString(html, "text/html");
    const [it] = body.children;
    return { count: body.children.length, tag: it.tagName, ...Object.fromEntries([...it.attributes].map(({ name, value }) => [name, value])) };
  }, html);
  assert.equal(frame.count, 1);
  assert.equal(frame.tag, "IFRAME");
  assert.equal(frame.width, "600");
  assert.equal(frame.height, "420");
  assert.match(frame.title, /turns 6 × 6 into 6 × 6/);
  assert.ok(frame.src.startsWith(`${app.server.url}#/embed/lab?`), frame.src);
  const other = await open(frame.src);
  assert.match(await other.getByRole("heading", { level: 1 }).textContent(), /turns 6 × 6 into 6 × 6/);
  await says(other.getByRole("region", { name: "Steps" }), /Step 4 of 36/);
});

app.test("the menu opens and closes by keys and by a click elsewhere", async ({ open }) => {
  const page = await open();
  const button = page.getByRole("button", { name: "Share" });
  await button.focus();
  await page.keyboard.press("Enter");
  await menu(page).waitFor();
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Copy link");
  await page.keyboard.press("Escape");
  await menu(page).waitFor({ state: "hidden" });
  assert.ok(await button.evaluate((it) => it === document.activeElement), "the focus is back on the button");
  await page.keyboard.press("Enter");
  await menu(page).waitFor();
  for (let n = 0; n < 6; n += 1) {
    await page.keyboard.press("Tab");
  }
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Keys");
  await menu(page).waitFor({ state: "hidden" });
  await button.click();
  await page.mouse.click(640, 700);
  await menu(page).waitFor({ state: "hidden" });
});
