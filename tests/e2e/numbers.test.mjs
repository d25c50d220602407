// Where each number comes from, and that it is right: against a convolution written here.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { INPUT, becomes, convolve, inspector, middle, numbersOf, padInput, painted, randomWhole, says, sentence } from "./lab.mjs";

const app = await start();

const hint = (page) => page.getByRole("region", { name: "Figure" });

app.test("the default figure says where 28 comes from", async ({ open }) => {
  const page = await open();
  assert.match(await sentence(page), /^A 3 × 3 kernel at stride 2, padding 1, turns 5 × 5 into 3 × 3$/);
  const text = await inspector(page).innerText();
  assert.match(text, /This output cell/);
  assert.match(text, /row 1, column 1/);
  assert.match(text, /Row sums 8 \+ 14 \+ 5\s+27/);
  assert.match(text, /Bias\s+\+ 1/);
  assert.match(text, /Output \(1, 1\)\s+28/);
  assert.match(text, /Reads rows 1–3 and columns 1–3 of the input; no padding/);
  const rows = await page.getByRole("table", { name: /Input times weight/ }).evaluate((table) =>
    [...table.rows].map((row) => [...row.cells].map((it) => it.innerText.replace(/\s+/g, " ").trim())));
  assert.deepEqual(rows, [
    ["0 × −1 0", "3 × 0 0", "8 × 1 8", "8"],
    ["2 × −2 −4", "6 × 0 0", "9 × 2 18", "14"],
    ["3 × −1 −3", "7 × 0 0", "8 × 1 8", "5"],
  ]);
  await page.shot("lab");
});

app.test("the cards put the numbers into their formulas", async ({ open }) => {
  const page = await open();
  const cards = page.getByRole("region", { name: "Arithmetic" });
  const formulas = await cards.getByRole("img").evaluateAll((all) => all.map((it) => it.getAttribute("aria-label")));
  assert.deepEqual(formulas, [
    "o = floor((n + p₀ + p₁ − d(k − 1) − 1) / s) + 1",
    "o = floor((5 + 1 + 1 − 1·(3 − 1) − 1) / 2) + 1 = 3",
  ]);
  const text = (await cards.innerText()).replace(/\s+/g, " ");
  assert.match(text, /Nothing is left over: \(7 − 3\) \/ 2 is exact/);
  assert.match(text, /Parameters 10 \(3 · 3 · 1 \+ 1\) · 1/);
  assert.match(text, /Memory, output 36 B 3 · 3 · 1 · 4 B output: 9 elements as float32, 36 B input: 25 elements, 100 B/);
  assert.match(text, /MACs 81 3 · 3 · 1 × 3 · 3 · 1/);
  assert.match(text, /1 MAC = 2 FLOPs, so 162 FLOPs/);
  await cards.getByRole("combobox", { name: "Formula in" }).selectOption({ label: "Words" });
  await cards.getByRole("img", { name: /input \+ padding before \+ padding after/ }).waitFor();
});

app.test("what padding does, and what no padding does, is said in words", async ({ open }) => {
  const page = await open();
  const panel = page.getByRole("form", { name: "Controls" });
  await says(panel, /Zeros around the input make 5 × 5 into 7 × 7\. Without them the output would be 2 × 2\./);
  await says(inspector(page), /4 cells are read 4 times, 12 twice, 9 once\./);
  const counts = await page.getByRole("table", { name: "How often each input cell is read" }).evaluate((table) =>
    [...table.rows].map((row) => [...row.cells].map((it) => Number(it.textContent))));
  // The padding's own reads around those of the input.
  const [edge, once, twice] = [[1, 1, 2, 1, 2, 1, 1], [1, 1, 2, 1, 2, 1, 1], [2, 2, 4, 2, 4, 2, 2]];
  assert.deepEqual(counts, [edge, once, twice, once, twice, once, edge]);
  await says(inspector(page), /Padding: 8 cells are read twice, 16 once\./);
  await says(inspector(page), /Each weight is used 9 times, 4 to 9 of them on cells of the input\./);
});

app.test("cells that no window reads are counted, explained and mended with one press", async ({ open }) => {
  const page = await open("#/lab?n=6&x=random-1&b=none");
  const cards = page.getByRole("region", { name: "Arithmetic" });
  await says(cards, /1 row at the bottom and 1 column on the right are never read: \(8 − 3\) \/ 2 leaves 1 over\./);
  assert.equal(await page.getByRole("img", { name: /turns 6 × 6 into 3 × 3/ }).count(), 1);
  await page.mouse.move(...await middle(page, "Padding", 6, 6));
  await says(hint(page), /Padding \(6, 6\) is never read/);
  await page.shot("lab-unread");
  await cards.getByRole("button", { name: "Set bottom and right padding to 0" }).click();
  await says(cards, /Nothing is left over/);
  assert.match(await sentence(page), /padding top 1, left 1, bottom 0, right 0, turns 6 × 6 into 3 × 3/);
});

app.test("an input cell shows every output that reads it", async ({ open }) => {
  const page = await open();
  const before = await painted(page);
  await page.mouse.move(...await middle(page, "Input", 1, 3));
  await says(inspector(page), /This input cell\s+row 1, column 3/);
  await says(inspector(page), /is read by 4 of 9 outputs/);
  await says(hint(page), /Input \(1, 3\) is read by 4 outputs, each through a different weight/);
  const uses = await page.getByRole("group", { name: "Uses" }).evaluate((box) =>
    [...box.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((it) => it.innerText.trim())));
  // x(1, 3) = 8: windows start at −1, 1, 3 down and across.
  assert.deepEqual(uses.map(([output]) => output), ["(0, 1)", "(0, 2)", "(1, 1)", "(1, 2)"]);
  assert.deepEqual(uses.map(([, weight]) => weight), ["1", "−1", "1", "−1"]);
  assert.deepEqual(uses.map(([, , adds]) => adds), ["8", "−8", "8", "−8"]);
  assert.notEqual(await painted(page), before);
  await page.shot("lab-hover");
  await page.mouse.move(5, 5);
  await says(inspector(page), /This output cell/);
  await becomes(() => painted(page), before);
});

app.test("a weight shows every input that it meets, an output shows its window", async ({ open }) => {
  const page = await open();
  await page.mouse.move(...await middle(page, "Weight", 0, 2));
  await says(inspector(page), /This weight\s+row 0, column 2/);
  await says(inspector(page), /w\(0, 2\) = 1 meets 9 cells, 5 of them padding\./);
  assert.equal(await page.getByRole("group", { name: "Meetings" }).locator("tbody tr").count(), 9);
  await page.mouse.move(...await middle(page, "Output", 0, 2));
  await says(inspector(page), /This output cell\s+row 0, column 2/);
  await says(inspector(page), /Output \(0, 2\)\s+−21/);
  await says(hint(page), /Output \(0, 2\) reads 9 cells/);
  await page.mouse.move(...await middle(page, "Padding", -1, -1));
  await says(inspector(page), /This padding cell\s+row −1, column −1/);
});

app.test("a click pins, and Esc or a second click unpins", async ({ open }) => {
  const page = await open();
  const at = await middle(page, "Input", 1, 3);
  await page.mouse.click(...at);
  await page.mouse.move(...await middle(page, "Output", 0, 0));
  await says(inspector(page), /This input cell\s+row 1, column 3/);
  await page.keyboard.press("Escape");
  await page.mouse.move(5, 5);
  await page.evaluate(() => document.activeElement.blur());
  await says(inspector(page), /This output cell\s+row 1, column 1/);
  await page.mouse.click(...at);
  await page.mouse.click(...at);
  await page.mouse.move(...await middle(page, "Output", 0, 0));
  await says(inspector(page), /This output cell\s+row 0, column 0/);
});

const random = randomWhole(20_160_323);
const MODES = ["zeros", "reflect", "replicate", "circular"];

/** A random setting that makes a convolution, with whole numbers. */
function setting(index) {
  for (;;) {
    const [height, width] = [random(1, 8), random(1, 8)];
    const [kernelY, kernelX] = [random(1, 4), random(1, 4)];
    const stride = [random(1, 3), random(1, 3)];
    const dilation = [random(1, 2), random(1, 2)];
    const mode = MODES[index % MODES.length];
    const pads = [random(0, 3), random(0, 3), random(0, 3), random(0, 3)];
    const [top, left, bottom, right] = pads;
    const span = [dilation[0] * (kernelY - 1) + 1, dilation[1] * (kernelX - 1) + 1];
    const spare = mode === "reflect" ? 1 : 0;
    const fits = height + top + bottom >= span[0] && width + left + right >= span[1]
      && (mode === "zeros" || mode === "replicate"
        || (Math.max(top, bottom) <= height - spare && Math.max(left, right) <= width - spare));
    if (fits) {
      const grid = (rows, columns, low, high) =>
        Array.from({ length: rows }, () => Array.from({ length: columns }, () => random(low, high)));
      const input = grid(height, width, 0, 9);
      const weight = grid(kernelY, kernelX, -3, 3);
      return { input, weight, stride, dilation, pads, mode, bias: random(-5, 5) };
    }
  }
}

for (let index = 0; index < 12; index += 1) {
  const { input, weight, stride, dilation, pads, mode, bias } = setting(index);
  const size = (grid) => `${grid.length}x${grid[0].length}`;
  const link = `#/lab?n=${size(input)}&x=${input.flat()}&k=${size(weight)}&w=${weight.flat()}`
    + `&s=${stride.join("x")}&d=${dilation.join("x")}&p=${pads}&m=${mode}&b=${bias}`;
  app.test(`padded input, kernel and outputs are right for ${link}`, async ({ open }) => {
    const page = await open(link);
    const padded = padInput(input, pads, mode);
    assert.deepEqual(await numbersOf(page, INPUT), padded);
    assert.deepEqual(await numbersOf(page, "Kernel"), weight);
    assert.deepEqual(await numbersOf(page, "Output"), convolve(padded, weight, stride, dilation, bias));
    assert.equal(await page.getByRole("list", { name: "About this link" }).count(), 0);
  });
}

app.test("the kernel is not flipped", async ({ open }) => {
  const page = await open("#/lab?n=3&x=1,2,3,4,5,6,7,8,9&k=2&w=1,0,0,0&s=1&p=0&b=none");
  assert.deepEqual(await numbersOf(page, "Output"), [[1, 2], [4, 5]]);
});

app.test("the bias says where it is added", async ({ open }) => {
  const page = await open();
  const [x, y] = await middle(page, "Weight", 2, 1);
  // Its box stands below the kernel.
  await page.mouse.move(x, y + 60);
  await says(hint(page), /The bias is added to every output/);
  await says(inspector(page), /The bias[^]*b = 1 is added to each of 9 outputs\./);
});
