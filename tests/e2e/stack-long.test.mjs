// Long networks, moving layers by keys and by pointer, and the phone.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { becomes, says } from "./lab.mjs";
import { column, fieldsBecome, focused, grip, kinds, kindsBecome, link, rows, said, setting, show, table, type } from "./stack.mjs";

const app = await start();

const CHAIN = `#/stack?l=i1x3x224x224${".c8k3p1".repeat(1000)}`;

app.test("a thousand layers open from a link, and only rows near the screen are in the page", async ({ open }) => {
  const page = await open(CHAIN);
  await says(page.getByRole("heading", { level: 1 }), /^One unit of layer 1000 sees 2001 × 2001 cells/);
  assert.equal(await table(page).getAttribute("aria-rowcount"), "1003");
  assert.ok((await rows(page)).length < 60);
  await page.locator(".layers-box").evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await becomes(async () => (await column(page, 0)).at(-1), 1000);
  await becomes(async () => (await column(page, 3)).at(-1), "2,001");
  await page.locator(".layers-box").evaluate((box) => { box.scrollTop = box.scrollHeight / 2; });
  await becomes(async () => (await column(page, 0)).includes(500), true);
  await type(page, 500, "Dilation", "3");
  await becomes(async () => (await rows(page)).find(([layer]) => layer === 500)[3], "1,005");
  assert.match(await said(page), /^Layer 500, Dilation 3\. One unit of layer 1000 sees 2005 × 2005/);
  await show(page, 500).focus();
  for (let n = 0; n < 20; n += 1) {
    await page.keyboard.press("ArrowDown");
  }
  await becomes(() => focused(page), "layer-520-pick");
  await says(page.getByRole("heading", { level: 1 }), /^One unit of layer 520 /);
  await page.shot("stack thousand");
});

app.test("what is being typed stays when its row is scrolled away", async ({ open }) => {
  const page = await open(CHAIN);
  const box = page.locator(".layers-box");
  const height = () => box.evaluate((it) => it.scrollHeight);
  await setting(page, 3, "Kernel").fill("5");
  const before = await height();
  for (const [part, layer] of [[0.5, 500], [1, 1000], [0.3, 300]]) {
    await box.evaluate((it, part) => { it.scrollTop = it.scrollHeight * part; }, part);
    await becomes(async () => (await column(page, 0)).includes(layer), true);
    assert.equal(await focused(page), "layer-3-kernel");
    assert.ok((await rows(page)).length < 60);
    assert.ok(Math.abs(await height() - before) < 2, `${await height()} instead of ${before}`);
  }
  assert.equal(await setting(page, 3, "Kernel").inputValue(), "5");
  await page.keyboard.press("Enter");
  await becomes(async () => /^Layer 3, Kernel 5\./.test(await said(page)), true);
  await box.evaluate((it) => { it.scrollTop = 0; });
  await becomes(async () => (await column(page, 0)).slice(0, 5), [0, 1, 2, 3, 4]);
  assert.equal(await focused(page), "layer-3-kernel");
});

app.test("a table that is scrolled out of the window keeps the focus", async ({ open }) => {
  const page = await open("#/stack?net=vgg-16", { viewport: { width: 1000, height: 700 } });
  await setting(page, 1, "Kernel").focus();
  await page.locator("main").evaluate((it) => { it.scrollTop = it.scrollHeight; });
  await page.waitForTimeout(300);
  assert.ok(await box(page) < -500, "the table is out of the window");
  assert.ok((await rows(page)).length > 1);
  assert.equal(await focused(page), "layer-1-kernel");
});

/** Where the box of the table ends, from the top of the window. */
const box = (page) => page.locator(".layers-box").evaluate((it) => it.getBoundingClientRect().bottom);

app.test("charts of a long network wait until an edit is over", async ({ open }) => {
  const page = await open(CHAIN);
  await page.getByText("Growth of the receptive field").waitFor();
  await setting(page, 1, "Dilation").waitFor();
  const order = await page.evaluate(() => new Promise((done) => {
    const order = [];
    const watch = (element, heard) => new MutationObserver((_, it) => { it.disconnect(); heard(); })
      .observe(element, { attributeFilter: ["aria-label"], childList: true, characterData: true, subtree: true });
    watch(document.querySelector('.layers__rows tr[data-at="1"] .layers__field'), () => {
      order.push("table");
      setTimeout(() => order.push("the next task"));
    });
    watch(document.querySelector(".chart canvas[aria-label^=Growth]"), () => {
      order.push("chart");
      done(order);
    });
    const field = document.getElementById("layer-1-dilation");
    field.value = "3";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }));
  assert.deepEqual(order, ["table", "the next task", "chart"]);
});

app.test("layers move by keys, and the focus goes with them", async ({ open }) => {
  const page = await open("#/stack");
  await setting(page, 2, "Kernel").focus();
  await page.keyboard.press("Alt+ArrowDown");
  await kindsBecome(page, ["Conv", "Max pool", "Conv", "Conv"]);
  await becomes(() => focused(page), "layer-3-kernel");
  assert.match(await said(page), /^Layer 2 moved, now layer 3\./);
  await grip(page, 3).focus();
  await page.keyboard.press("ArrowUp");
  await kindsBecome(page, ["Conv", "Conv", "Max pool", "Conv"]);
  await becomes(() => focused(page), "layer-2-grip");
  await page.keyboard.press("ArrowUp");
  await becomes(() => focused(page), "layer-1-grip");
  await page.keyboard.press("ArrowUp");
  await becomes(() => said(page), "Layer 1 cannot go further");
});

app.test("layers are dragged, and what is let go of on Escape stays", async ({ open }) => {
  const page = await open("#/stack");
  const drag = async (layer, rowsUp) => {
    const box = await grip(page, layer).boundingBox();
    await page.mouse.move(box.x + 12, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + box.height / 2 - rowsUp * 22, { steps: 4 });
    await page.mouse.move(box.x + 20, box.y + box.height / 2 - rowsUp * 44, { steps: 4 });
  };
  await drag(3, 2);
  await page.locator(".layers__place").waitFor();
  await page.shot("stack drag");
  await page.mouse.up();
  await kindsBecome(page, ["Max pool", "Conv", "Conv", "Conv"]);
  await page.locator(".layers__place").waitFor({ state: "hidden" });
  await becomes(() => focused(page), "layer-1-grip");
  await drag(1, -2);
  await page.keyboard.press("Escape");
  await page.mouse.up();
  assert.deepEqual(await kinds(page), ["Max pool", "Conv", "Conv", "Conv"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await kindsBecome(page, ["Conv", "Conv", "Max pool", "Conv"]);
});

app.test("a layer that would stand before what it reads stays, and says so", async ({ open }) => {
  const page = await open("#/stack?l=i1x8x9x9.c8k3p1.c8k3p1.r.ja_1,2");
  await grip(page, 4).focus();
  await page.keyboard.press("ArrowUp");
  await becomes(async () => /reads layer 2|moved, now layer 3/.test(await said(page)), true);
  await page.keyboard.press("ArrowUp");
  await becomes(() => said(page), "Layer 3 reads layer 2, which must stand before it");
});

app.test("all of it works on a phone", async ({ open }) => {
  const page = await open("#/stack", { viewport: { width: 360, height: 720 }, hasTouch: true });
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
  const widths = () => page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
  assert.deepEqual(await widths(), [360, 360]);
  await setting(page, 1, "Stride").scrollIntoViewIfNeeded();
  await type(page, 1, "Stride", "2");
  await becomes(async () => (await column(page, 3))[2], "7");
  await page.getByRole("button", { name: "Undo" }).tap();
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
  await page.shot("stack phone");
  await page.getByRole("button", { name: "Arithmetic" }).tap();
  await page.getByRole("table", { name: "The field of each layer" }).waitFor();
  await page.shot("stack phone arithmetic");
  await page.getByRole("button", { name: "Charts" }).tap();
  await page.getByText("Growth of the receptive field").waitFor();
  assert.deepEqual(await widths(), [360, 360]);
  await page.shot("stack phone charts");
  await page.getByRole("link", { name: "Lab", exact: true }).tap();
  await says(page.getByRole("heading", { level: 1 }), /5 × 5 becomes 3 × 3/);
});

app.test("the unit moves in the figure, by pointer and by keys", async ({ open }) => {
  const page = await open("#/stack?net=course-padded");
  const figure = page.locator(".field-stage__figure");
  await figure.focus();
  await page.keyboard.press("Home");
  await says(page.getByRole("heading", { level: 1 }), /outside the image/);
  assert.match(await link(page), /unit=\d+,0/);
  const box = await figure.boundingBox();
  await page.mouse.click(box.x + box.width * 0.12, box.y + box.height * 0.4);
  await says(page.getByRole("heading", { level: 1 }), /^Pixel \(\d+, \d+\) is seen by/);
  await becomes(() => page.getByRole("radio", { name: "Show the input" }).isChecked(), true);
});
