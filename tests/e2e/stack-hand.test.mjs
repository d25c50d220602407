// The stack page by hand: with keys alone, with a finger, with colours taken away, and over two pages.

import assert from "node:assert/strict";

import { axe, start } from "./page.mjs";
import { becomes, says, sentence } from "./lab.mjs";
import { column, fieldsBecome, focused, grip, kindsBecome, link, rows, said, setting, show, type } from "./stack.mjs";

const app = await start();

const heading = (page) => page.getByRole("heading", { level: 1 });
const numbers = (page) => page.getByRole("region", { name: "Arithmetic" });

app.test("a residual branch is built with keys alone", async ({ open }) => {
  const page = await open("#/stack?l=i1x8x16x16.c8k3p1.r&sel=2");
  const add = async (kind) => {
    await page.keyboard.press("Enter");
    await becomes(() => page.evaluate(() => document.activeElement.className), "menu__item");
    for (let n = 0; n < 20 && (await page.evaluate(() => document.activeElement.innerText)) !== kind; n += 1) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
  };
  await page.getByRole("button", { name: "Add layer" }).focus();
  await add("Conv");
  await kindsBecome(page, ["Conv", "ReLU", "Conv"]);
  await becomes(() => focused(page), "layer-3-kind");
  await page.getByRole("button", { name: "Add layer" }).focus();
  await add("Add");
  // It begins with the way round the convolution before it.
  await kindsBecome(page, ["Conv", "ReLU", "Conv", "Add"]);
  assert.equal(await setting(page, 4, "Reads").inputValue(), "3, 2");
  await becomes(() => focused(page), "layer-4-kind");
  await page.keyboard.press("Tab");
  await becomes(() => setting(page, 4, "Reads").evaluate((it) => it === document.activeElement), true);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("3, 0");
  await page.keyboard.press("Enter");
  await says(numbers(page), /Branches meet in layer 4 Add/);
  await says(numbers(page), /Layer 3 sets the field/);
  assert.equal(await sentence(page), "One unit of layer 4 sees 5 × 5 cells: 25 pixels read");
  assert.match(await link(page), /ja_1,4/);
  await page.keyboard.press("Control+z");
  await becomes(() => setting(page, 4, "Reads").inputValue(), "3, 2");
});

app.test("a pixel says which units see it, by keys and by pointer", async ({ open }) => {
  const page = await open("#/stack?net=course-padded&sel=2&unit=0,0");
  await says(page.locator(".legend"), /units that see this one/);
  await page.getByRole("application").focus();
  await page.keyboard.press("PageUp");
  await page.keyboard.press("PageUp");
  await says(heading(page), /^Pixel \(0, 0\) is seen by 1 unit of layer 4|^Pixel \(0, 0\) is seen by \d+ units of layer 4/);
  await says(page.locator(".legend"), /units that see this pixel/);
  const seen = page.getByRole("table", { name: "Units that see it" });
  assert.equal(await seen.getByRole("row").count(), 4);
  await says(seen, /1 Conv 3 × 3\s+4 units, 2 × 2/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await says(numbers(page), /Pixel \(1, 1\) is seen by/);
  await says(seen, /1 Conv 3 × 3\s+9 units, 3 × 3/);
});

app.test("each page undoes its own edits", async ({ open }) => {
  const page = await open("#/stack");
  await type(page, 1, "Kernel", "5");
  await fieldsBecome(page, ["1", "5", "7", "8", "12"]);
  await page.getByRole("link", { name: "Lab" }).click();
  await says(heading(page), /5 × 5 becomes 3 × 3|turns 5 × 5/);
  const before = await sentence(page);
  const stride = page.getByRole("textbox", { name: /Stride/ }).first();
  await stride.fill("1");
  await stride.press("Enter");
  await becomes(async () => (await sentence(page)) !== before, true);
  await page.getByRole("link", { name: "Stack" }).click();
  await fieldsBecome(page, ["1", "5", "7", "8", "12"]);
  await show(page, 4).focus();
  await page.keyboard.press("Control+z");
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+Shift+z");
  await fieldsBecome(page, ["1", "5", "7", "8", "12"]);
  await page.getByRole("link", { name: "Lab" }).click();
  await becomes(async () => (await sentence(page)) !== before, true);
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Control+z");
  await becomes(() => sentence(page), before);
});

app.test("layers are added, removed and dragged by a finger on a phone", async ({ open }) => {
  const page = await open("#/stack", { viewport: { width: 390, height: 844 }, hasTouch: true });
  await show(page, 3).tap();
  await says(heading(page), /^One unit of layer 3/);
  await page.getByRole("button", { name: "Add layer" }).tap();
  await page.getByRole("button", { name: "Average pool", exact: true }).tap();
  await kindsBecome(page, ["Conv", "Conv", "Max pool", "Average pool", "Conv"]);
  await setting(page, 4, "Kernel").fill("3");
  await setting(page, 4, "Kernel").press("Enter");
  await page.getByRole("button", { name: "Undo" }).tap();
  await page.getByRole("button", { name: "Remove layer 4", exact: true }).tap();
  await kindsBecome(page, ["Conv", "Conv", "Max pool", "Conv"]);

  await grip(page, 3).scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollBy(0, 120));
  const box = await grip(page, 3).boundingBox();
  const touch = await page.context().newCDPSession(page);
  const send = (type, y) => touch.send("Input.dispatchTouchEvent", {
    type, touchPoints: type === "touchEnd" ? [] : [{ x: box.x + 12, y }],
  });
  const from = box.y + box.height / 2;
  await send("touchStart", from);
  for (const by of [10, 60, 120, 180]) {
    await send("touchMove", from - by);
  }
  await page.locator(".layers__place").waitFor();
  await send("touchEnd", 0);
  await kindsBecome(page, ["Conv", "Max pool", "Conv", "Conv"]);
  assert.match(await said(page), /^Layer 3 moved, now layer 2/);

  await becomes(() => focused(page), "layer-2-grip");
  await page.getByRole("combobox", { name: "Examples" }).selectOption({ label: "DQN" });
  await says(heading(page), /36 × 36/);
  // What stands below the table does not cover it, and nothing is wider than the screen.
  assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth), 390);
  await page.shot("stack phone edited");
});

app.test("without colours of its own the page still tells read from unread", async ({ open }) => {
  const page = await open("#/stack?net=dilated-2-2-2&unit=4,7", { forcedColors: true });
  const ground = (selector) => page.locator(selector).first().evaluate((it) => getComputedStyle(it).backgroundColor);
  assert.notEqual(await ground(".swatch--used"), await ground("body"));
  // The same in the pyramid: more than one ground, a frame and lines.
  const shades = await page.locator(".pyramid canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const counts = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const key = data.slice(at, at + 4).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts.values()].filter((count) => count > 300).length;
  });
  assert.ok(shades >= 3, `${shades} shades`);
  const button = page.getByRole("button", { name: "Start" });
  const [ink, paper] = await button.evaluate((it) => [getComputedStyle(it).color, getComputedStyle(it).backgroundColor]);
  assert.notEqual(ink, paper);
  assert.deepEqual(await axe(page), []);
  await page.shot("stack forced colours");
});

app.test("on a laptop the page is one screen, and no number is cut", async ({ open }) => {
  for (const net of ["course", "course-padded", "vgg-16", "resnet-50", "densenet-121", "u-net", "googlenet"]) {
    const page = await open(`#/stack?net=${net}`, { viewport: { width: 1366, height: 768 } });
    await page.locator(".layers-tools").waitFor();
    await becomes(async () => (await rows(page)).length > 1, true);
    const [scrolls, foot, wide] = await page.evaluate(() => {
      const [main, box] = ["main", ".layers-box"].map((it) => document.querySelector(it));
      const foot = document.querySelector(".layers-tools").getBoundingClientRect().bottom;
      return [main.scrollHeight - main.clientHeight, foot, box.scrollWidth - box.clientWidth];
    });
    assert.ok(scrolls <= 1 && foot <= 768, `${net}: ${scrolls} px more than the screen, foot at ${foot}`);
    assert.ok(wide <= 0, `${net}: the table is ${wide} px too wide`);
  }
});

app.test("fields that differ by place are told, and marked where they are larger than the image", async ({ open }) => {
  const page = await open("#/stack?l=i1x3x8x8.c8k3p1.c8k9p4.t8k3s2p1o1");
  await says(page.locator(".stack__about"), /Units see 11 or 12 cells on the rows by their place: \d of 2/);
  assert.deepEqual(await column(page, 3), ["1", "3", "11", "11–12"]);
  const marked = await page.locator(".layers__field.is-beyond").evaluateAll((cells) => cells.map((it) => it.textContent));
  assert.deepEqual(marked, ["11", "11–12"]);
});
