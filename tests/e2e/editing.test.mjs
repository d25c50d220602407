// Inputs and weights are edited on the figure: with keys alone, with the pointer, by drawing; every
// edit can be taken back.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { INPUT, becomes, cell, convolve, inspector, middle, numbersOf, padInput, randomWhole, says } from "./lab.mjs";

const app = await start();

const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  return element.getAttribute("aria-label") ?? element.tagName;
});

/** Presses Tab until the focus is on something with such a name. */
async function tabTo(page, pattern) {
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press("Tab");
    if (pattern.test(await focused(page))) {
      return;
    }
  }
  assert.fail(`Tab never reaches ${pattern}`);
}

/** What the outputs must be for what stands in the input and the kernel, at the default's settings. */
async function assertRight(page) {
  const input = (await numbersOf(page, INPUT)).slice(1, -1).map((row) => row.slice(1, -1));
  const padded = padInput(input, [1, 1, 1, 1], "zeros");
  const expected = convolve(padded, await numbersOf(page, "Kernel"), [2, 2], [1, 1], 1);
  assert.deepEqual(await numbersOf(page, "Output"), expected);
}

app.test("a weight is edited by keys alone, and the outputs follow", async ({ open }) => {
  const page = await open();
  await tabTo(page, /^Weight row 0, column 0: −1$/);
  await says(inspector(page), /This weight/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), "Weight row 1, column 1: 0");
  await page.keyboard.press("Enter");
  await page.keyboard.type("-4");
  await page.keyboard.press("Enter");
  await becomes(() => numbersOf(page, "Kernel"), [[-1, 0, 1], [-2, -4, 2], [-1, 0, 1]]);
  await assertRight(page);
  assert.equal(await focused(page), "Weight row 1, column 1: −4");
  const kernels = page.getByRole("combobox", { name: "Weights" });
  assert.equal(await kernels.evaluate((it) => it.selectedOptions[0].label), "Own weights");
});

app.test("each grid is one tab stop, and 1, 2, 3 go to them", async ({ open }) => {
  const page = await open();
  for (const [key, pattern] of [["1", /^(Input|Padding) row/], ["2", /^Weight row/], ["3", /^Output row/]]) {
    // On an input or a weight, digits are what is typed.
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press(key);
    assert.match(await focused(page), pattern);
  }
  await page.keyboard.press("1");
  const first = await focused(page);
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /^Weight row/);
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /^Output row/);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), first);
});

app.test("arrows, Home and End move within a grid and stop at its edges", async ({ open }) => {
  const page = await open();
  await page.keyboard.press("3");
  const at = async () => /row (\d), column (\d)/.exec(await focused(page)).slice(1).map(Number);
  await page.keyboard.press("Home");
  for (const [key, expected] of [
    ["ArrowRight", [0, 1]], ["End", [0, 2]], ["ArrowRight", [0, 2]], ["ArrowDown", [1, 2]], ["ArrowDown", [2, 2]],
    ["ArrowDown", [2, 2]], ["Home", [2, 0]], ["ArrowLeft", [2, 0]], ["ArrowUp", [1, 0]],
  ]) {
    await page.keyboard.press(key);
    assert.deepEqual(await at(), expected, key);
  }
});

app.test("typing on a focused input cell edits it; Enter keeps, Esc restores", async ({ open }) => {
  const page = await open();
  await cell(page, "Input", 2, 2).focus();
  await page.keyboard.press("7");
  await page.keyboard.press("Enter");
  await cell(page, "Input", 2, 2).and(page.getByLabel("Input row 2, column 2: 7")).waitFor({ state: "attached" });
  await assertRight(page);
  const before = await numbersOf(page, "Output");
  await page.keyboard.press("Enter");
  await page.keyboard.type("55");
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "Input row 2, column 2: 7");
  assert.deepEqual(await numbersOf(page, "Output"), before);
});

app.test("what was typed is the whole number, first digit and all", async ({ open }) => {
  const page = await open();
  await cell(page, "Input", 0, 0).focus();
  await page.keyboard.type("-12.5");
  await page.keyboard.press("Enter");
  await becomes(() => focused(page), "Input row 0, column 0: −12.5");
  await assertRight(page);
});

app.test("many random weights typed one after the other give the right outputs", async ({ open }) => {
  const page = await open();
  const random = randomWhole(5);
  for (let row = 0; row < 3; row += 1) {
    for (let column = 0; column < 3; column += 1) {
      await cell(page, "Weight", row, column).focus();
      await page.keyboard.type(String(random(-9, 9)));
      await page.keyboard.press("Enter");
    }
  }
  await assertRight(page);
});

app.test("what is no number stays in the field with one sentence, and the figure stays", async ({ open }) => {
  const page = await open();
  const before = await numbersOf(page, "Output");
  for (const [text, reason] of [["NaN", /“NaN” is not a finite number/], ["abc", /“abc” is not a number/], ["", /Type a number/]]) {
    await cell(page, "Weight", 0, 0).focus();
    await page.keyboard.press("Enter");
    const editor = page.getByRole("textbox", { name: /^Weight row 0, column 0/ });
    await editor.fill(text);
    await editor.press("Enter");
    await says(page.getByRole("alert"), reason);
    assert.equal(await editor.inputValue(), text);
    assert.equal(await editor.getAttribute("aria-invalid"), "true");
    assert.deepEqual(await numbersOf(page, "Output"), before);
    await becomes(() => page.locator("canvas").evaluate((it) => getComputedStyle(it).opacity), "0.5");
    await editor.press("Escape");
    await becomes(() => page.getByRole("alert").count(), 0);
    await becomes(() => page.locator("canvas").evaluate((it) => getComputedStyle(it).opacity), "1");
  }
});

app.test("a double click edits a cell; padding cannot be edited", async ({ open }) => {
  const page = await open();
  await page.mouse.dblclick(...await middle(page, "Input", 0, 1));
  await page.keyboard.type("6");
  await page.keyboard.press("Enter");
  await page.getByLabel("Input row 0, column 1: 6").waitFor({ state: "attached" });
  await assertRight(page);
  const before = await numbersOf(page, INPUT);
  await page.mouse.dblclick(...await middle(page, "Padding", -1, -1));
  await page.keyboard.type("6");
  await page.keyboard.press("Enter");
  assert.deepEqual(await numbersOf(page, INPUT), before);
});

app.test("a pinned cell has a field beside the figure", async ({ open }) => {
  const page = await open();
  await page.mouse.click(...await middle(page, "Weight", 2, 2));
  const field = page.getByRole("textbox", { name: "Value of the pinned cell" });
  await field.fill("1/2");
  await field.press("Enter");
  await page.getByLabel("Weight row 2, column 2: 0.5").waitFor({ state: "attached" });
  await assertRight(page);
  await says(inspector(page), /w\(2, 2\) = 0\.5 meets 9 cells/);
});

app.test("drawing paints the brush's value on the cells under the pointer", async ({ open }) => {
  const page = await open();
  await page.getByRole("radio", { name: "Draw" }).click();
  await page.getByRole("button", { name: "Clear" }).click();
  await becomes(async () => (await numbersOf(page, INPUT)).flat().every((value) => value === 0), true);
  await page.getByRole("radio", { name: "5", exact: true }).click();
  await page.mouse.move(...await middle(page, "Input", 2, 0));
  await page.mouse.down();
  await page.mouse.move(...await middle(page, "Input", 2, 4), { steps: 20 });
  await page.mouse.up();
  await page.mouse.move(...await middle(page, "Input", 4, 4));
  const input = (await numbersOf(page, INPUT)).slice(1, -1).map((row) => row.slice(1, -1));
  const none = [0, 0, 0, 0, 0];
  assert.deepEqual(input, [none, none, [5, 5, 5, 5, 5], none, none]);
  await assertRight(page);
});

app.test("an input too large for drawing says so, and is cleared with a short link", async ({ open }) => {
  const page = await open("#/lab?n=100&x=ramp&step=1");
  await page.getByRole("radio", { name: "Draw" }).click();
  await says(page.getByRole("form", { name: "Controls" }), /Drawing works up to 64 × 64/);
  await page.getByRole("button", { name: "Clear" }).click();
  await becomes(async () => page.url().split("#")[1], "/lab?v=1&n=100&x=zeros&step=1");
  await becomes(() => page.getByLabel("Input row 0, column 1: 0").count(), 1);
});

app.test("every edit is undone and redone, by buttons and by keys", async ({ open }) => {
  const page = await open();
  const undo = page.getByRole("button", { name: "Undo" });
  const redo = page.getByRole("button", { name: "Redo" });
  assert.ok(await undo.isDisabled() && await redo.isDisabled());
  const first = await numbersOf(page, "Output");
  await cell(page, "Weight", 0, 0).focus();
  await page.keyboard.type("9");
  await page.keyboard.press("Enter");
  await becomes(async () => (await numbersOf(page, "Kernel"))[0][0], 9);
  const second = await numbersOf(page, "Output");
  await page.getByRole("combobox", { name: "Numbers" }).selectOption({ label: "Checkerboard" });
  await becomes(async () => (await numbersOf(page, INPUT))[1][1], 1);
  const third = await numbersOf(page, "Output");
  await undo.click();
  await becomes(() => numbersOf(page, "Output"), second);
  await undo.click();
  await becomes(() => numbersOf(page, "Output"), first);
  assert.ok(await undo.isDisabled());
  await redo.click();
  await becomes(() => numbersOf(page, "Output"), second);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Control+Shift+Z");
  await becomes(() => numbersOf(page, "Output"), third);
  assert.ok(await redo.isDisabled());
  await page.keyboard.press("Control+Z");
  await page.keyboard.press("Control+Z");
  await becomes(() => numbersOf(page, "Output"), first);
});

app.test("patterns and kernels from the lists are what their names say", async ({ open }) => {
  const page = await open("#/lab?n=3&p=0&s=1&b=none");
  const input = page.getByRole("combobox", { name: "Numbers" });
  for (const [label, expected] of [
    ["Count up", [[0, 1, 2], [3, 4, 5], [6, 7, 8]]],
    ["Rows", [[0, 0, 0], [1, 1, 1], [2, 2, 2]]],
    ["Columns", [[0, 1, 2], [0, 1, 2], [0, 1, 2]]],
    ["Single 1", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]],
    ["Checkerboard", [[1, 0, 1], [0, 1, 0], [1, 0, 1]]],
  ]) {
    await input.selectOption({ label });
    await becomes(() => numbersOf(page, INPUT), expected);
  }
  const kernel = page.getByRole("combobox", { name: "Weights" });
  for (const [label, expected] of [
    ["Identity", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]],
    ["Box blur", [[0.111, 0.111, 0.111], [0.111, 0.111, 0.111], [0.111, 0.111, 0.111]]],
    ["Gaussian blur", [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]]],
    ["Sobel x", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]],
    ["Sobel y", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]],
    ["Laplacian", [[0, 1, 0], [1, -4, 1], [0, 1, 0]]],
    ["Sharpen", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]],
    ["Emboss", [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]],
    ["Edges", [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]],
  ]) {
    await kernel.selectOption({ label });
    await becomes(() => numbersOf(page, "Kernel"), expected);
  }
});

app.test("random numbers and weights change with the dice and say their seed", async ({ open }) => {
  const page = await open();
  const dice = page.getByRole("button", { name: "New random numbers" });
  await dice.click();
  await says(page.getByRole("form", { name: "Controls" }), /Seed 1\./);
  const first = await numbersOf(page, INPUT);
  await dice.click();
  await says(page.getByRole("form", { name: "Controls" }), /Seed 2\./);
  assert.notDeepEqual(await numbersOf(page, INPUT), first);
  const weights = await numbersOf(page, "Kernel");
  await page.getByRole("button", { name: "New random weights" }).click();
  await becomes(async () => JSON.stringify(await numbersOf(page, "Kernel")) !== JSON.stringify(weights), true);
  await assertRight(page);
});
