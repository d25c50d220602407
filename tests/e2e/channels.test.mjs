// Channels, filters, groups: controls, the working view, the depth view and the costs.

import assert from "node:assert/strict";

import { axe, start } from "./page.mjs";
import { announced, becomes, cell, numbersOf, says, sentence } from "./lab.mjs";

const app = await start();

const VOLUME = "#/lab?n=32&x=photo-chelsea&c=3&f=6&k=5&w=mixed&s=1&p=valid&b=0.1&fi=3&step=407";
const DEEP = `${VOLUME}&view=depth`;
const SMALL = "#/lab?x=random-1&c=3&f=2&w=random-1&s=1&p=0&step=1";

const arithmetic = (page) => page.getByRole("region", { name: "Arithmetic" });

app.test("channels and filters are set by slider and field, and the sentence counts them", async ({ open }) => {
  const page = await open("#/lab?n=8&x=random-1&s=1&p=0");
  await page.getByRole("textbox", { name: "Channels, number" }).fill("3");
  await page.keyboard.press("Tab");
  await page.getByRole("slider", { name: "Filters" }).focus();
  await page.keyboard.press("ArrowRight");
  await becomes(() => sentence(page), "Two 3 × 3 × 3 filters turn 8 × 8 × 3 into 6 × 6 × 2");
});

app.test("groups go from dense to depthwise through the numbers that divide, and the costs follow", async ({ open }) => {
  const page = await open("#/lab?n=32&c=4&f=8&k=5&s=1&p=0");
  const slider = page.getByRole("slider", { name: "Groups" });
  const parameters = () => arithmetic(page).locator(".card", { hasText: "Parameters" }).first();
  await says(parameters(), /808[\s\S]*\(5 · 5 · 4 \+ 1\) · 8/);
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await becomes(() => page.getByRole("textbox", { name: "Groups, number" }).inputValue(), "2");
  await says(parameters(), /408[\s\S]*\(5 · 5 · 2 \+ 1\) · 8/);
  await page.keyboard.press("ArrowRight");
  await says(page.getByRole("form", { name: "Controls" }), /Depthwise: each filter reads one channel/);
  await says(parameters(), /208[\s\S]*\(5 · 5 · 1 \+ 1\) · 8/);
  const field = page.getByRole("textbox", { name: "Groups, number" });
  await field.fill("3");
  await page.keyboard.press("Tab");
  await says(page.getByRole("form", { name: "Controls" }), /3 groups do not divide 4 channels/);
  await page.getByRole("button", { name: "Use 2" }).click();
  await says(parameters(), /408/);
});

app.test("each channel's products are added before the bias: the numbers agree", async ({ open }) => {
  const page = await open(SMALL);
  const outputs = await numbersOf(page, "Output");
  await says(page.locator(".inspector--sums"), /27 products: 9 in each of 3 channels/);
  const [sums, total, bias, result] = await page.locator(".inspector--sums").evaluate((it) => {
    const number = (text) => Number(text.replaceAll("−", "-").replaceAll(/\s/g, ""));
    const values = [...it.querySelectorAll("dd")].map((dd) => number(dd.textContent.replace("+", "")));
    const terms = it.querySelector("dt").textContent.replaceAll("− ", "-").replaceAll("+ ", "").replaceAll("−", "-");
    return [terms.split(" ").map(Number).reduce((a, b) => a + b), ...values];
  });
  assert.equal(sums, total);
  assert.equal(total + bias, result);
  assert.equal(result, outputs[0][0]);
});

app.test("channel and filter are chosen by keyboard and by pointer, and the step is kept", async ({ open }) => {
  const page = await open(`${SMALL}&step=5`);
  await page.getByRole("radio", { name: "1", exact: true }).last().focus();
  await page.keyboard.press("ArrowRight");
  await says(page.locator(".transport__label"), /Step 5 of 9 · output \(1, 1\), filter 2/);
  await becomes(() => page.evaluate(() => location.hash.includes("fi=2")), true);
  const names = () => cell(page, "Weight", 0, 0).getAttribute("aria-label");
  const before = await names();
  const box = await page.locator(".stage__canvas").first().boundingBox();
  // The second row's input.
  const figure = await page.locator(".stage__figure").boundingBox();
  await page.mouse.click(box.x + 130, figure.y + figure.height / 2);
  await becomes(async () => (await names()) !== before, true);
  await becomes(() => page.evaluate(() => location.hash.includes("ch=2")), true);
});

app.test("one click goes from a filter of the depth view to its inside, and the view leads back", async ({ open }) => {
  const page = await open(DEEP);
  await says(page.locator(".inside h2"), /Inside filter 3: one map per channel, then their sum/);
  const canvas = page.locator(".stage .stage__canvas");
  await becomes(async () => /Six 5 × 5 × 3 filters/.test(await canvas.getAttribute("aria-label")), true);
  const box = await canvas.boundingBox();
  // The box of the filters stands in the middle; its first filter at the left, above.
  await page.mouse.click(box.x + box.width * 0.42, box.y + 110);
  await becomes(() => page.getByRole("radio", { name: "Flat", exact: true }).isChecked(), true);
  await says(page.locator(".transport__label"), /Step 407 of 784 · output \(14, 14\), filter 1/);
  await page.getByRole("radio", { name: "Depth", exact: true }).check();
  await says(page.locator(".inside h2"), /Inside filter 1/);
  await becomes(() => page.evaluate(() => location.hash.includes("view=depth")), true);
});

app.test("the way between the views is a short zoom, at the same step; without motion there is none", async ({ open }) => {
  const canvas = ".stage__figure .stage__canvas";
  for (const reducedMotion of [false, true]) {
    const page = await open(DEEP, { reducedMotion });
    for (const view of ["Flat", "Depth"]) {
      await page.getByRole("radio", { name: view, exact: true }).check();
      const zooms = await page.locator(canvas).evaluate((it) => it.getAnimations().map((animation) =>
        ({ length: animation.effect.getTiming().duration, from: getComputedStyle(it).getPropertyValue("--from") })));
      if (reducedMotion) {
        assert.deepEqual(zooms, []);
      } else {
        assert.equal(zooms.length, 1, view);
        assert.ok(zooms[0].length > 100 && zooms[0].length <= 400, `${zooms[0].length} ms`);
        // From the block of the filter, or as large as its inside was.
        const scale = Number(/scale\(([\d.]+)\)/.exec(zooms[0].from)?.[1]);
        assert.ok(view === "Flat" ? scale < 0.5 : scale > 2, zooms[0].from);
      }
      await page.waitForTimeout(400);
      await says(page.locator(".transport__label"), /Step 407 of 784 · output \(14, 14\), filter 3/);
      assert.deepEqual(await page.locator(canvas).evaluate((it) => it.getAnimations().length), 0);
    }
  }
});

app.test("view, channel and filter are looked at, not edited: there is nothing to undo", async ({ open }) => {
  const page = await open(DEEP);
  const inside = page.getByRole("region", { name: "Inside the filter" });
  await inside.getByRole("radio", { name: "Blue" }).check();
  await inside.getByRole("radio", { name: "5", exact: true }).check();
  await page.getByRole("radio", { name: "Flat", exact: true }).check();
  assert.ok(await page.getByRole("button", { name: "Undo" }).isDisabled());
  // An edit is undone, and what is looked at stays.
  await page.getByRole("slider", { name: "Groups" }).focus();
  await page.keyboard.press("ArrowRight");
  await becomes(() => page.getByRole("button", { name: "Undo" }).isDisabled(), false);
  const slider = page.getByRole("slider", { name: "Stride" });
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("button", { name: "Undo" }).click();
  await says(page.locator(".transport__label"), /of 784 · output \([^)]*\), filter 5/);
});

app.test("an input cell goes into a map of every filter, and that is said", async ({ open }) => {
  const page = await open(SMALL);
  await cell(page, "Input", 0, 1).focus();
  await says(page.getByRole("complementary", { name: "Cell" }),
    /is read by 2 of 9 outputs of map 1, and by as many of the other map made from this channel\./);
  await says(page.locator(".reads"), /By each of 2 filters: 1 cell is read 9 times/);
});

app.test("the depth view plays, and says each step that was asked for", async ({ open }) => {
  const page = await open(DEEP);
  await page.getByRole("button", { name: "Forward one step" }).click();
  await says(announced(page), /Step 408 of 784/);
  const pixels = () => page.locator(".stage .stage__canvas").evaluate((canvas) => canvas.toDataURL());
  const before = await pixels();
  await page.getByRole("button", { name: "Play" }).click();
  await becomes(async () => (await pixels()) !== before, true);
  await page.getByRole("button", { name: "Pause" }).click();
});

app.test("a factor of the parameters outlines what it counts", async ({ open }) => {
  const page = await open(DEEP);
  const pixels = () => page.locator(".stage .stage__canvas").evaluate((canvas) => canvas.toDataURL());
  const factors = arithmetic(page).locator(".factor");
  await becomes(() => factors.count(), 4);
  await page.waitForTimeout(400);
  const seen = new Set([await pixels()]);
  for (let idx = 0; idx < 4; idx += 1) {
    await factors.nth(idx).focus();
    const size = seen.size;
    await becomes(async () => seen.add(await pixels()).size > size, true);
  }
  await says(arithmetic(page), /With 3 groups: 156 parameters and 117,600 MACs/);
});

app.test("memory is elements first, then bytes of a type and a batch; the course's bytes are elements", async ({ open }) => {
  const page = await open("#/lab?n=32&x=photo-chelsea&c=3&f=10&k=5&w=mixed&s=1&p=2&b=0.1&view=depth&fi=3&step=529");
  const memory = arithmetic(page).locator(".card", { hasText: "Memory, output" });
  await says(memory, /40 KiB[\s\S]*32 · 32 · 10 · 4 B[\s\S]*10,240 elements as float32, 40,960 B/);
  await says(memory, /The course says 10240 bytes\. That is 10,240 elements; as 32-bit floats they take 40,960 B/);
  await page.getByRole("textbox", { name: "Images in a batch" }).fill("8");
  await page.keyboard.press("Tab");
  await page.getByRole("combobox", { name: "Element type" }).selectOption("int8");
  await says(memory, /8 · 32 · 32 · 10 · 1 B[\s\S]*81,920 elements as int8, 81,920 B/);
  await page.getByRole("combobox", { name: "Element type" }).selectOption("float16");
  await says(memory, /8 · 32 · 32 · 10 · 2 B[\s\S]*81,920 elements as float16, 163,840 B/);
  await says(arithmetic(page), /760/);
  await page.getByRole("textbox", { name: "Images in a batch" }).fill("0");
  await page.keyboard.press("Tab");
  await says(arithmetic(page), /At least 1/);
  await page.getByRole("button", { name: "Use 1", exact: true }).click();
  await says(memory, /10,240 elements as float16, 20,480 B/);
});

app.test("a depthwise separable pair stands beside the dense layer", async ({ open }) => {
  const page = await open("#/lab?n=5&x=random-1&c=64&f=128&s=1&b=none");
  const rows = () => page.locator(".separable tbody tr").allInnerTexts();
  await becomes(async () => (await rows()).map((row) => row.split(/\s*\t\s*/).slice(1).join(" ")),
    ["73,728 1,843,200", "576 14,400", "8,192 204,800", "8,768 219,200"]);
});

app.test("the depth view has nothing to complain about for those who see otherwise", async ({ open }) => {
  for (const [name, options] of [
    ["light", {}],
    ["dark", { theme: "dark" }],
    ["phone", { viewport: { width: 360, height: 800 } }],
    ["forced", { forcedColors: true }],
  ]) {
    const page = await open(DEEP, { ...options, reducedMotion: true });
    await page.locator(".inside canvas").waitFor();
    assert.deepEqual(await axe(page), [], name);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${name} is ${wider} px wider than its window`);
    await page.shot(`depth ${name}`);
  }
});
