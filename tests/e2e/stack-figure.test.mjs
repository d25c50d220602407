// The figure of a network: pointer and keys move the unit, and picture, sentence and link follow.

import assert from "node:assert/strict";

import { axe, start } from "./page.mjs";
import { becomes, says } from "./lab.mjs";

const app = await start();

const COURSE = "#/stack";
const figure = (page) => page.getByRole("application");
const heading = (page) => page.getByRole("heading", { level: 1 });
const name = (page) => figure(page).getAttribute("aria-label");
const chosen = (page) => figure(page).evaluate((it) => it.getAttribute("aria-label").match(/\(\d+, \d+\).*$/)?.[0]);

/** Where each map stands, from left to right: where the pointer finds its units. */
async function maps(page) {
  const box = await figure(page).boundingBox();
  const found = [];
  const before = await name(page);
  for (let x = 4; x < box.width; x += 16) {
    await page.mouse.move(box.x + x, box.y + box.height * 0.38);
    // Texts follow the pointer ten times a second.
    await page.waitForTimeout(150);
    const says = await name(page);
    if (says !== before) {
      const layer = says.match(/(Pixel|of layer \d+)/)?.[0];
      if (found.at(-1)?.layer === layer) {
        found.at(-1).xs.push(x);
      } else {
        found.push({ layer, xs: [x] });
      }
    }
  }
  await page.mouse.move(box.x + box.width / 2, box.y - 40);
  return found.map(({ layer, xs }) => ({ layer, x: box.x + xs[Math.floor(xs.length / 2)], y: box.y + box.height * 0.38 }));
}

/** The figure as a picture. */
const pixels = async (page) => (await figure(page).screenshot()).toString("base64");

app.test("the pointer moves the unit, a click keeps it, and the link holds it", async ({ open }) => {
  const page = await open(COURSE);
  await says(heading(page), /One unit of layer 4 sees 10 × 10/);
  await becomes(() => name(page).then((it) => /Unit \(1, 1\) of layer 4/.test(it)), true);
  const all = await maps(page);
  assert.deepEqual(all.map((it) => it.layer).filter(Boolean).length >= 4, true, JSON.stringify(all));
  const rest = await pixels(page);
  const pool = all.find((it) => it.layer === "of layer 3");
  await page.mouse.move(pool.x, pool.y);
  await says(heading(page), /One unit of layer 3 sees 6 × 6/);
  await becomes(async () => (await pixels(page)) !== rest, true);
  const box = await figure(page).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y - 30);
  await says(heading(page), /One unit of layer 4 sees 10 × 10/);
  await page.mouse.click(pool.x, pool.y);
  await page.mouse.move(box.x + box.width / 2, box.y - 30);
  await says(heading(page), /One unit of layer 3 sees 6 × 6/);
  await becomes(() => page.evaluate(() => location.hash.includes("sel=3")), true);
});

app.test("keys move the unit within its map and from map to map, and say so", async ({ open }) => {
  const page = await open(COURSE);
  await figure(page).focus();
  await page.keyboard.press("ArrowRight");
  await becomes(() => chosen(page), "(1, 2) of layer 4 Conv 3 × 3");
  await page.keyboard.press("ArrowRight");
  await becomes(() => chosen(page), "(1, 2) of layer 4 Conv 3 × 3");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowUp");
  await becomes(() => chosen(page), "(0, 0) of layer 4 Conv 3 × 3");
  await says(page.getByRole("status").filter({ hasText: /Unit \(0, 0\) of layer 4/ }), /sees 10 × 10/);
  await page.keyboard.press("PageUp");
  await becomes(() => chosen(page), "(0, 0) of layer 3 Max pool 2 × 2");
  await page.keyboard.press("PageDown");
  await becomes(() => chosen(page), "(0, 0) of layer 4 Conv 3 × 3");
  for (let n = 0; n < 4; n += 1) {
    await page.keyboard.press("PageUp");
  }
  await says(heading(page), /[Pp]ixel|input/);
});

app.test("padding, holes and deep networks are drawn without complaint, in every look", async ({ open }) => {
  for (const link of ["#/stack?net=course-padded", "#/stack?net=dilated-2-2-2", "#/stack?net=resnet-50", "#/stack?net=u-net"]) {
    for (const options of [{}, { theme: "dark", viewport: { width: 390, height: 844 }, scale: 2 }, { forcedColors: true, reducedMotion: true }]) {
      const page = await open(link, options);
      await figure(page).focus();
      await page.keyboard.press("ArrowLeft");
      await says(heading(page), /sees/);
      const drawn = await figure(page).locator("canvas").evaluate((it) => it.width * it.height);
      assert.ok(drawn > 10_000, `${link}: ${drawn} pixels`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${link}: ${wide} px too wide`);
    }
  }
});

app.test("charts say what they show, and a bar chooses its layer", async ({ open }) => {
  const page = await open(COURSE);
  const growth = page.getByRole("img", { name: /Growth of the receptive field: 10 of 14 pixels after 4 layers/ });
  await growth.scrollIntoViewIfNeeded();
  const box = await growth.boundingBox();
  await page.mouse.click(box.x + 68 + (box.width - 76) * 0.5, box.y + box.height * 0.6);
  await becomes(() => name(page).then((it) => /of layer 2/.test(it)), true);
});

app.test("the page has no faults that axe finds", async ({ open }) => {
  for (const theme of ["light", "dark"]) {
    const page = await open("#/stack?net=course-padded", { theme });
    assert.deepEqual(await axe(page), []);
  }
});
