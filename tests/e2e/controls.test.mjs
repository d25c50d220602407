// The controls move so that a convolution stays possible, and say why they end where they end.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { becomes, field, numbersOf, says, sentence, type } from "./lab.mjs";

const app = await start();

const slider = (page, name) => page.getByRole("slider", { name, exact: true });
const bounds = (page, name) => slider(page, name).evaluate(({ min, max }) => [min, max].map(Number));
const panel = (page) => page.getByRole("form", { name: "Controls" });
const shows = (page, text) => becomes(async () => (await sentence(page)).includes(text) || sentence(page), true);

app.test("sliders and fields move together, and the figure with them", async ({ open }) => {
  const page = await open();
  await slider(page, "Stride").focus();
  await page.keyboard.press("ArrowLeft");
  await shows(page, "at stride 1, padding 1, turns 5 × 5 into 5 × 5");
  assert.equal(await field(page, "Stride, number").inputValue(), "1");
  await type(page, "Size, number", "2");
  await shows(page, "A 2 × 2 kernel");
  assert.equal(await slider(page, "Size").inputValue(), "2");
  assert.deepEqual((await numbersOf(page, "Output")).length, 6);
  await type(page, "H × W, number", "8");
  await shows(page, "turns 8 × 8 into 9 × 9");
});

app.test("bounds follow the other controls", async ({ open }) => {
  const page = await open();
  assert.deepEqual(await bounds(page, "Size"), [1, 7]);
  await page.getByRole("radio", { name: "Valid" }).click();
  await becomes(() => bounds(page, "Size"), [1, 5]);
  await type(page, "Dilation, number", "2");
  await becomes(() => bounds(page, "Size"), [1, 3]);
  await becomes(() => bounds(page, "H × W"), [5, 16]);
});

app.test("a bound that is reached says its reason beside the control", async ({ open }) => {
  const page = await open();
  await slider(page, "Size").focus();
  await page.keyboard.press("End");
  await shows(page, "A 7 × 7 kernel");
  await says(panel(page), /At most 7: .*padded input/);
  await slider(page, "Dilation").focus();
  assert.deepEqual(await bounds(page, "Dilation"), [1, 1]);
  // It can do nothing: its reason is there.
  await field(page, "Dilation, number").focus();
  await says(panel(page), /At most 1: /);
});

app.test("every value within the bounds of a slider makes a convolution", async ({ open }) => {
  const page = await open("#/lab?n=6x7&k=3x2&m=reflect&p=2,1,1,2");
  for (const name of ["Height", "Width", "Stride", "Dilation"]) {
    for (const control of await page.getByRole("slider", { name, exact: true }).all()) {
      const [low, high] = await control.evaluate(({ min, max }) => [min, max].map(Number));
      const before = await control.inputValue();
      for (const value of [low, high, before]) {
        if (await control.isEnabled()) {
          await control.fill(String(value));
        }
        assert.equal(await page.getByRole("button", { name: /^Use \d+$/ }).count(), 0, `${name} ${value}`);
        assert.match(await sentence(page), /turns \d+ × \d+ into \d+ × \d+$/);
      }
    }
  }
});

app.test("the link button splits an axis pair and joins it again", async ({ open }) => {
  const page = await open();
  const link = page.getByRole("button", { name: "Size: link height and width" });
  assert.equal(await link.getAttribute("aria-pressed"), "true");
  await link.click();
  assert.equal(await link.getAttribute("aria-pressed"), "false");
  await slider(page, "Kernel width").fill("2");
  await shows(page, "A 3 × 2 kernel at stride 2, padding 1, turns 5 × 5 into 3 × 3");
  assert.deepEqual((await numbersOf(page, "Kernel")).map((row) => row.length), [2, 2, 2]);
  await link.click();
  await shows(page, "A 3 × 3 kernel");
  assert.equal(await link.getAttribute("aria-pressed"), "true");
  assert.equal(await page.getByRole("slider", { name: "Kernel width", exact: true }).count(), 0);
});

app.test("padding is valid, same, full, or set on each side", async ({ open }) => {
  const page = await open("#/lab?n=5&x=random-1&k=4&w=random-1&s=1");
  const side = (name) => page.getByRole("textbox", { name, exact: true });
  const sides = async () => Promise.all(["Top", "Left", "Bottom", "Right"].map((name) => side(`${name} padding`).inputValue()));
  for (const [label, pads, output] of [
    ["Valid", ["0", "0", "0", "0"], "2 × 2"],
    ["Same", ["1", "1", "2", "2"], "5 × 5"],
    ["Full", ["3", "3", "3", "3"], "8 × 8"],
  ]) {
    await page.getByRole("radio", { name: label }).click();
    await shows(page, `into ${output}`);
    assert.deepEqual(await sides(), pads);
    assert.ok(await side("Top padding").isDisabled());
  }
  await page.getByRole("radio", { name: "Custom" }).click();
  await shows(page, "padding 3, turns");
  await type(page, "Right padding", "0");
  await shows(page, "padding top 3, left 3, bottom 3, right 0, turns 5 × 5 into 8 × 5");
});

app.test("what stands in the padding is chosen from a list", async ({ open }) => {
  const page = await open("#/lab?n=3&x=1,2,3,4,5,6,7,8,9&s=1");
  const mode = page.getByRole("combobox", { name: "What stands in the padding" });
  const first = async () => (await numbersOf(page, "Input, padding included"))[0];
  for (const [label, expected] of [
    ["Reflect", [5, 4, 5, 6, 5]], ["Replicate", [1, 1, 2, 3, 3]], ["Circular", [9, 7, 8, 9, 7]], ["Zeros", [0, 0, 0, 0, 0]],
  ]) {
    await mode.selectOption({ label });
    await becomes(first, expected);
  }
  await mode.selectOption({ label: "Circular" });
  await says(panel(page), /the input from the opposite side/);
});

app.test("the bias has a switch, a slider and a field", async ({ open }) => {
  const page = await open();
  const corner = async () => (await numbersOf(page, "Output"))[0][0];
  assert.equal(await corner(), 3);
  await page.getByRole("switch", { name: "Use a bias" }).click();
  await becomes(corner, 2);
  assert.ok(await field(page, "Bias, number").isDisabled());
  await page.getByRole("switch", { name: "Use a bias" }).click();
  await slider(page, "Bias").fill("-4");
  await becomes(corner, -2);
  await type(page, "Bias, number", "0.25");
  await becomes(corner, 2.25);
});

app.test("single characters as keys can be turned off", async ({ open }) => {
  const page = await open();
  await page.getByRole("button", { name: "Keys" }).click();
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await dialog.getByRole("checkbox", { name: "Single characters act as keys" }).uncheck();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  const speed = () => page.getByRole("combobox", { name: "Speed" }).evaluate((it) => it.selectedOptions[0].label);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("]");
  await page.keyboard.press("?");
  assert.equal(await speed(), "1×");
  assert.equal(await dialog.isVisible(), false);
  await page.keyboard.press("ArrowRight");
  await shows(page, "A 3 × 3 kernel");
  await becomes(() => slider(page, "Step").inputValue(), "6");
});

app.test("? lists the keys, Esc closes the list; T changes the theme", async ({ open }) => {
  const page = await open();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await dialog.waitFor();
  await says(dialog, /back, forward one step/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme
    + getComputedStyle(document.body).backgroundColor);
  const before = await ground();
  await page.keyboard.press("t");
  await becomes(async () => (await ground()) !== before, true);
});
