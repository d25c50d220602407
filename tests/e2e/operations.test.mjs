// Transposed convolutions in their three views, pools and the windows that they drop, and what only some
// frameworks refuse.

import assert from "node:assert/strict";

import { axe, start } from "./page.mjs";
import { INPUT, becomes, cell, choosePreset, inspector, middle, numbersOf, painted, says, type } from "./lab.mjs";

const app = await start();

const SCATTER = "#/lab?o=transposed&n=3&x=random-1&step=5";

const label = (page) => page.locator(".transport__label");
const controls = (page) => page.getByRole("form", { name: "Controls" });
const look = (page, view) => page.getByRole("radio", { name: view, exact: true }).check();

/** Adds a scaled kernel for each input cell, and crops. */
function scatter(input, weight, stride, pad, bias) {
  const length = (cells, taps) => stride * (cells - 1) + taps - 2 * pad;
  const output = Array.from({ length: length(input.length, weight.length) }, () =>
    new Array(length(input[0].length, weight[0].length)).fill(bias));
  input.forEach((row, y) => row.forEach((value, x) => weight.forEach((weights, ky) => weights.forEach((w, kx) => {
    const [top, left] = [y * stride + ky - pad, x * stride + kx - pad];
    if (output[top]?.[left] !== undefined) {
      output[top][left] += value * w;
    }
  }))));
  return output;
}

app.test("a transposed convolution adds what each input cell scatters, in all three views", async ({ open }) => {
  const page = await open(SCATTER);
  const input = await numbersOf(page, INPUT);
  const weight = await numbersOf(page, "Kernel");
  const expected = scatter(input, weight, 2, 1, 1);
  assert.deepEqual([input.length, weight.length, expected.length], [3, 3, 5]);
  for (const view of ["Scatter", "Matrix", "Zeros inserted"]) {
    await look(page, view);
    await becomes(() => numbersOf(page, "Output"), expected);
  }
});

app.test("the cell that is followed is the same one in each view", async ({ open }) => {
  const page = await open(SCATTER);
  await says(label(page), /Step 5 of 9 · input \(1, 1\)/);
  await says(inspector(page), /This input cell\s+row 1, column 1/);
  await look(page, "Matrix");
  // Under the middle of its kernel: 2 · 1 + 1 − 1.
  await says(label(page), /Step 13 of 25 · output \(2, 2\)/);
  await becomes(() => page.evaluate(() => /view=matrix/.test(location.hash) && /step=13/.test(location.hash)), true);
  await look(page, "Zeros inserted");
  await says(label(page), /Step 13 of 25 · output \(2, 2\)/);
  await look(page, "Scatter");
  await says(label(page), /Step 5 of 9 · input \(1, 1\)/);
  // What is pinned is found again: the weight, which the flat view draws turned by half a turn.
  await page.mouse.click(...await middle(page, "Weight", 0, 2));
  await says(inspector(page), /This weight\s+row 0, column 2/);
  await look(page, "Zeros inserted");
  await says(inspector(page), /This weight\s+row 2, column 0/);
  await look(page, "Matrix");
  await says(inspector(page), /This weight\s+row 0, column 2/);
});

app.test("steps of the scatter view are input cells: keys, buttons and playing go through them", async ({ open }) => {
  const page = await open(SCATTER, { reducedMotion: true });
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("ArrowDown");
  await says(label(page), /Step 8 of 9 · input \(2, 1\)/);
  const before = await painted(page);
  await page.getByRole("button", { name: "Forward one step" }).click();
  await says(label(page), /Step 9 of 9 · input \(2, 2\)/);
  await becomes(async () => (await painted(page)) !== before, true);
  await page.getByRole("button", { name: "First step" }).click();
  await page.getByRole("button", { name: "Play" }).click();
  await becomes(async () => /Step [3-9] of 9/.test(await label(page).innerText()), true);
});

app.test("pointing at an output of the scatter view shows which inputs reach it", async ({ open }) => {
  const page = await open("#/lab?o=transposed&n=3&x=random-1&w=random-2&step=5");
  const [input, weight] = [await numbersOf(page, INPUT), await numbersOf(page, "Kernel")];
  await page.mouse.move(...await middle(page, "Output", 1, 2));
  // Rows 0 and 1 reach it through weights 2 and 0, column 1 through weight 1.
  const terms = [input[0][1] * weight[2][1], input[1][1] * weight[0][1]];
  await says(inspector(page), new RegExp(`Output \\(1, 2\\)\\s+${String(terms[0] + terms[1] + 1).replace("-", "−")}`));
  await says(inspector(page), /Inputs \(0, 1\), \(1, 1\) reach it, each through another weight/);
  await says(page.locator(".stage__hint"), /Output \(1, 2\) adds up 2 contributions/);
});

app.test("the checkerboard: contributions of kernel 3 at stride 2 are uneven, of kernel 4 even", async ({ open }) => {
  const page = await open();
  const map = () => page.getByRole("table", { name: "How many contributions each output adds up" }).evaluate((table) =>
    [...table.rows].map((row) => [...row.cells].map((it) => Number(it.innerText))));
  await choosePreset(page, "Checkerboard: 3 × 3 at stride 2");
  await says(page.locator(".reads"), /9 outputs are reached 4 times, 24 twice, 16 once/);
  // Ones under ones: the map is the output.
  assert.deepEqual(await map(), await numbersOf(page, "Output"));
  await says(page.getByRole("region", { name: "Arithmetic" }), /1, 2 or 4 contributions each: a checkerboard/);
  await page.shot("operations-checkerboard");
  await choosePreset(page, "No checkerboard: 4 × 4 at stride 2");
  await becomes(async () => (await map())[3], [2, 4, 4, 4, 4, 4, 4, 2]);
});

app.test("one of several channels is followed, and a sentence says what is added", async ({ open }) => {
  const page = await open("#/lab?o=transposed&n=3&c=4&f=4&g=2&x=random-1&w=random-1");
  const note = page.locator(".stage-note");
  await says(note, /The figure follows channel 1; each output adds up what all 2 channels of its group scatter/);
  const before = await numbersOf(page, "Output");
  await page.getByRole("group", { name: "Channel", exact: true }).getByRole("radio", { name: "2", exact: true }).check();
  await says(note, /The figure follows channel 2/);
  assert.deepEqual(await numbersOf(page, "Output"), before, "the same map");
  await page.getByRole("group", { name: "Filter", exact: true }).getByRole("radio", { name: "3", exact: true }).check();
  await says(note, /The figure follows channel 3/);
  await says(controls(page), /Conv2DTranspose has no groups, here 2\. PyTorch and ONNX take it\./);
  // The other views follow the same channel and filter, and have the same choice.
  for (const view of ["Zeros inserted", "Matrix"]) {
    await look(page, view);
    await says(note, /The figure follows channel 3; each output adds up what all 2 channels of its group scatter/);
    const filters = page.getByRole("group", { name: "Filter", exact: true });
    assert.ok(await filters.getByRole("radio", { name: "3", exact: true }).isChecked(), view);
    const shown = await numbersOf(page, "Output");
    await filters.getByRole("radio", { name: "4", exact: true }).check();
    await becomes(async () => JSON.stringify(await numbersOf(page, "Output")) !== JSON.stringify(shown), true);
    await filters.getByRole("radio", { name: "3", exact: true }).check();
    await becomes(() => numbersOf(page, "Output"), shown);
  }
});

app.test("what is too large to scatter is drawn flat, and says so", async ({ open }) => {
  const page = await open("#/lab?o=transposed&n=24&x=random-1");
  await says(page.locator(".stage-note"), /too many cells to follow one by one/);
  await type(page, "Size, number", "3");
  await says(page.locator(".stage-note"), /too many/);
  await type(page, "H × W, number", "4");
  await becomes(() => page.locator(".stage-note").innerText(), "");
  await says(label(page), /of 16 · input/);
});

app.test("output padding and padding of a transposed convolution are refused with their reason", async ({ open }) => {
  const page = await open(SCATTER);
  const before = await numbersOf(page, "Output");
  await type(page, "Output padding, number", "2");
  await says(controls(page), /PyTorch wants the cells added below the stride, 2, or the dilation, 1: 2 is neither/);
  assert.deepEqual(await numbersOf(page, "Output"), before);
  await page.getByRole("button", { name: "Use 1", exact: true }).click();
  await becomes(async () => (await numbersOf(page, "Output")).length, 6);
  await type(page, "Left padding", "9");
  await says(controls(page), /With left padding 9 padding would crop 10 of 8 cells, which leaves no output/);
  await page.getByRole("button", { name: "Use 6", exact: true }).click();
  await becomes(async () => (await numbersOf(page, "Output"))[0].length, 1);
});

app.test("what only some frameworks refuse is computed, and named beside its control", async ({ open }) => {
  const page = await open("#/lab?o=max&n=5&k=2&p=2");
  await says(controls(page), /PyTorch refuses this: padding of 2 is more than half of the kernel of 2\. ONNX takes it\./);
  await page.getByRole("radio", { name: "Lp pool" }).check();
  await says(controls(page), /Keras has no Lp pool; PyTorch and ONNX have\./);
  const convolution = await open("#/lab?n=9&x=random-1&s=2&d=2");
  await says(controls(convolution), /Keras refuses a stride above 1 together with a dilation above 1, here 2 and 2\./);
});

app.test("a max pool keeps the largest of each window, and an average divides", async ({ open }) => {
  const page = await open();
  await choosePreset(page, "Max pool: 2 × 2");
  await says(label(page), /of 9/);
  const pooled = (input, reduce) => [0, 2, 4].map((y) => [0, 2, 4].map((x) =>
    reduce([input[y][x], input[y][x + 1], input[y + 1][x], input[y + 1][x + 1]])));
  const input = await numbersOf(page, INPUT);
  assert.deepEqual(await numbersOf(page, "Output"), pooled(input, (cells) => Math.max(...cells)));
  await says(inspector(page), /wins: index/);
  await page.getByRole("radio", { name: "Average pool" }).check();
  await becomes(() => numbersOf(page, "Output"), pooled(input, (cells) => cells.reduce((a, b) => a + b) / 4));
});

app.test("rounding up gives 6 windows, of which the last starts beyond the input and is dropped", async ({ open }) => {
  const page = await open();
  await choosePreset(page, "Rounded up, and dropped again");
  await becomes(async () => (await numbersOf(page, "Output")).length, 5);
  await says(controls(page), /one more window would start at row 10, beyond the input: it is dropped, 5 are left/);
  await says(page.getByRole("region", { name: "Arithmetic" }), /6, 1 dropped: 5|6, 1 dropped/);
  await page.shot("operations-ceil-drop");
});

app.test("undo takes an edit back and leaves what is looked at", async ({ open }) => {
  const page = await open(SCATTER);
  await page.getByRole("slider", { name: "Stride" }).focus();
  await page.keyboard.press("ArrowRight");
  await becomes(async () => (await numbersOf(page, "Output")).length, 7);
  await look(page, "Matrix");
  await page.getByRole("button", { name: "Undo" }).click();
  await becomes(async () => (await numbersOf(page, "Output")).length, 5);
  assert.ok(await page.getByRole("radio", { name: "Matrix", exact: true }).isChecked());
  await says(label(page), /of 25/);
});

app.test("an input cell is edited where it scatters", async ({ open }) => {
  const page = await open("#/lab?o=transposed&x=1,2,3,4&w=1,0,0,1&s=1&p=0&b=none");
  await cell(page, "Input", 1, 1).focus();
  await page.keyboard.type("9");
  await page.keyboard.press("Enter");
  await becomes(() => numbersOf(page, "Output"), [[1, 2, 0], [3, 10, 2], [0, 3, 9]]);
});

app.test("the views have nothing to complain about for those who see otherwise", async ({ open }) => {
  for (const [name, options] of [
    ["light", {}],
    ["dark", { theme: "dark" }],
    ["phone", { viewport: { width: 360, height: 800 } }],
    ["forced", { forcedColors: true }],
  ]) {
    for (const view of ["", "&view=matrix"]) {
      const page = await open(SCATTER + view, { ...options, reducedMotion: true });
      await page.locator(".view-choice:visible").waitFor();
      assert.deepEqual(await axe(page), [], name);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wider <= 0, `${name} is ${wider} px wider than its window`);
      await page.shot(`operations ${name} ${view ? "matrix" : "scatter"}`);
    }
  }
});
