// From 360 pixels to a projector: no sideways scrolling, figure and transport in the first screen,
// fingers find what they aim at.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { becomes, cell, inspector, middle, says, type } from "./lab.mjs";

const app = await start();

const PHONE = { viewport: { width: 360, height: 720 }, hasTouch: true, scale: 2 };

for (const width of [360, 639, 640, 899, 1199, 1200, 2560]) {
  app.test(`nothing scrolls sideways at ${width} pixels`, async ({ open }) => {
    for (const link of ["", "#/lab?n=16&s=1&k=5&p=2", "#/lab?x=photo-camera"]) {
      const page = await open(link, { viewport: { width, height: Math.max(640, width / 2) } });
      const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
      assert.equal(wide, width, link);
      const regions = await page.evaluate(() => [...document.querySelectorAll("main, main > *, main > * > *, .stage")]
        .filter((it) => it.checkVisibility() && getComputedStyle(it).overflowX !== "visible" && it.scrollWidth > it.clientWidth + 1)
        .map((it) => `${it.tagName} .${it.className}: ${it.scrollWidth} > ${it.clientWidth}`));
      assert.deepEqual(regions, [], link);
      const canvas = await page.locator("canvas").boundingBox();
      assert.ok(canvas.width > 100 && canvas.x + canvas.width <= width + 1, `${link} canvas ${JSON.stringify(canvas)}`);
      await page.context().close();
    }
  });
}

for (const [width, height] of [[360, 720], [390, 844], [768, 1024], [1000, 700], [1280, 800], [1920, 1080]]) {
  app.test(`figure and transport are in the first screen of ${width} × ${height}`, async ({ open }) => {
    const page = await open("", { viewport: { width, height } });
    for (const [name, locator] of [
      ["first cell", cell(page, "Padding", -1, -1)], ["last padding", cell(page, "Padding", 5, 5)],
      ["last output", cell(page, "Output", 2, 2)], ["Play", page.getByRole("button", { name: "Play" })],
      ["scrubber", page.getByRole("slider", { name: "Step", exact: true })],
    ]) {
      const box = await locator.boundingBox();
      assert.ok(box.y >= 0 && box.y + box.height <= height && box.x >= 0 && box.x + box.width <= width,
        `${name} at ${JSON.stringify(box)}`);
    }
    await page.shot(`first screen ${width} ${height}`);
  });
}

app.test("between 900 and 1199 pixels the inspector stands beside the cards", async ({ open }) => {
  const page = await open("", { viewport: { width: 1024, height: 900 } });
  const [cards, cell, steps] = await Promise.all([
    page.getByRole("region", { name: "Arithmetic" }).boundingBox(), inspector(page).boundingBox(),
    page.getByRole("region", { name: "Steps" }).boundingBox(),
  ]);
  assert.ok(Math.abs(cards.y - cell.y) < 2 && cell.x >= cards.x + cards.width - 1, JSON.stringify({ cards, cell }));
  assert.ok(cell.y >= steps.y + steps.height - 1 && cell.y < 900, JSON.stringify({ steps, cell }));
});

app.test("a tap pins a cell, a second tap lets it go", async ({ open }) => {
  const page = await open("", PHONE);
  const at = await middle(page, "Input", 1, 3);
  await page.touchscreen.tap(...at);
  await says(inspector(page), /This input cell\s+row 1, column 3/);
  await says(inspector(page), /is read by 4 of 9 outputs/);
  await page.touchscreen.tap(...await middle(page, "Weight", 0, 2));
  await says(inspector(page), /This weight\s+row 0, column 2/);
  await page.touchscreen.tap(...await middle(page, "Weight", 0, 2));
  await says(inspector(page), /This output cell/);
});

app.test("one sheet at a time lies below the figure", async ({ open }) => {
  const page = await open("", PHONE);
  const tabs = page.getByRole("navigation", { name: "Sheets" });
  const sheets = {
    Cell: inspector(page),
    Controls: page.getByRole("form", { name: "Controls" }),
    Arithmetic: page.getByRole("region", { name: "Arithmetic" }),
  };
  for (const [name, sheet] of Object.entries(sheets)) {
    await tabs.getByRole("button", { name }).tap();
    await sheet.waitFor();
    for (const [other, it] of Object.entries(sheets)) {
      assert.equal(await it.isVisible(), other === name, `${other} while ${name} is chosen`);
    }
    await page.shot(`phone ${name}`);
  }
});

app.test("controls work on a phone, and the figure stays in sight of them", async ({ open }) => {
  const page = await open("", PHONE);
  await page.getByRole("navigation", { name: "Sheets" }).getByRole("button", { name: "Controls" }).tap();
  await type(page, "Stride, number", "1");
  await becomes(async () => (await page.getByRole("heading", { level: 1 }).innerText()).trim(), "5 × 5 becomes 5 × 5 at stride 1, padding 1");
  await page.getByRole("button", { name: "Play" }).tap();
  await page.getByRole("button", { name: "Pause" }).tap();
});

app.test("what a finger has to hit is large enough", async ({ open }) => {
  const page = await open("", PHONE);
  // A target may be larger than what is drawn: a press 12 pixels beside its middle must hit it.
  const tooSmall = () => page.evaluate(() => [...document.querySelectorAll("button, a[href], select, input:not([type=range])")]
    .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.closest(".visually-hidden") && !it.classList.contains("visually-hidden"))
    .filter((it) => {
      it.scrollIntoView({ block: "center" });
      const { x, y, width, height } = it.getBoundingClientRect();
      return [[-11, -11], [11, -11], [-11, 11], [11, 11]].some(([right, down]) => {
        const hit = document.elementFromPoint(x + width / 2 + right, y + height / 2 + down);
        return !(hit && (it.contains(hit) || hit.contains(it) && hit.matches("label")));
      });
    })
    .map((it) => it.getAttribute("aria-label") ?? it.textContent.trim()));
  assert.deepEqual(await tooSmall(), []);
  await page.getByRole("navigation", { name: "Sheets" }).getByRole("button", { name: "Controls" }).tap();
  assert.deepEqual(await tooSmall(), []);
  for (const name of ["Back one step", "Play", "Forward one step"]) {
    const { width, height } = await page.getByRole("button", { name }).boundingBox();
    assert.ok(width >= 44 && height >= 44, `${name}: ${width} × ${height}`);
  }
});

app.test("on middle widths the controls are a drawer", async ({ open }) => {
  const page = await open("", { viewport: { width: 768, height: 1024 } });
  const panel = page.getByRole("form", { name: "Controls" });
  const opener = page.getByRole("button", { name: "Controls", exact: true });
  assert.equal(await panel.isVisible(), false);
  await opener.click();
  await panel.waitFor();
  assert.equal(await opener.getAttribute("aria-expanded"), "true");
  await page.getByRole("combobox", { name: "Example" }).selectOption({ label: "Dilation" });
  await page.getByRole("button", { name: "Close the controls" }).click();
  await panel.waitFor({ state: "hidden" });
  assert.match(await page.getByRole("heading", { level: 1 }).innerText(), /turns 7 × 7 into 3 × 3/);
});

app.test("the figure is sharp where a pixel is a fraction", async ({ open }) => {
  for (const scale of [1, 1.5, 3]) {
    const page = await open("", { scale });
    const { pixels, css } = await page.locator("canvas").evaluate((it) => ({ pixels: it.width, css: it.getBoundingClientRect().width }));
    assert.ok(Math.abs(pixels - css * scale) <= 1.5, `${pixels} pixels on ${css} at ${scale}`);
  }
});
