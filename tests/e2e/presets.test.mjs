// Every preset opens, and has the output size that its source states.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { becomes, choosePreset, numbersOf, sentence, type } from "./lab.mjs";

const app = await start();

const KNOWN = [
  ["Edges at stride 2", "5 × 5", "3 × 3"],
  ["4 × 4 shrinks to 2 × 2", "4 × 4", "2 × 2"],
  ["5 × 5 stays 5 × 5", "5 × 5", "5 × 5"],
  ["No padding, no strides", "4 × 4", "2 × 2"],
  ["Arbitrary padding, no strides", "5 × 5", "6 × 6"],
  ["Same padding, no strides", "5 × 5", "5 × 5"],
  ["Full padding, no strides", "5 × 5", "7 × 7"],
  ["No padding, strides", "5 × 5", "2 × 2"],
  ["Padding, strides", "5 × 5", "3 × 3"],
  ["Padding, strides, odd", "6 × 6", "3 × 3"],
  ["Dilation", "7 × 7", "3 × 3"],
  ["No padding, no strides, transposed", "2 × 2", "4 × 4"],
  ["Arbitrary padding, no strides, transposed", "6 × 6", "5 × 5"],
  ["Same padding, no strides, transposed", "5 × 5", "5 × 5"],
  ["Full padding, no strides, transposed", "7 × 7", "5 × 5"],
  ["No padding, strides, transposed", "2 × 2", "5 × 5"],
  ["Padding, strides, transposed", "3 × 3", "5 × 5"],
  ["Padding, strides, odd, transposed", "3 × 3", "6 × 6"],
  ["Checkerboard: 3 × 3 at stride 2", "4 × 4", "7 × 7"],
  ["No checkerboard: 4 × 4 at stride 2", "4 × 4", "8 × 8"],
  ["Max pool: 2 × 2", "6 × 6", "3 × 3"],
  ["LeNet: average pool 2 × 2", "28 × 28 × 6", "14 × 14 × 6"],
  ["Rounded up, and dropped again", "10 × 10", "5 × 5"],
  ["GoogLeNet: max pool, rounded up", "112 × 112", "56 × 56"],
  ["ResNet: max pool 3 × 3, padding 1", "112 × 112", "56 × 56"],
  ["32 × 32 × 3, one filter", "32 × 32 × 3", "28 × 28 × 1"],
  ["32 × 32 × 3, six filters", "32 × 32 × 3", "28 × 28 × 6"],
  ["32 × 32 × 3 on numbers", "32 × 32 × 3", "28 × 28 × 6"],
  ["Three channels, every number", "5 × 5 × 3", "3 × 3 × 2"],
  ["1 × 1: colour to grey", "64 × 64 × 3", "64 × 64 × 1"],
  ["1 × 1: 256 channels to 64", "8 × 8 × 256", "8 × 8 × 64"],
  ["Why 760 parameters?", "32 × 32 × 3", "32 × 32 × 10"],
  ["Why 22,550 in the second layer?", "14 × 14 × 50", "12 × 12 × 50"],
  ["Depthwise: a filter for each channel", "32 × 32 × 3", "32 × 32 × 3"],
  ["Depthwise separable beside dense", "14 × 14 × 64", "14 × 14 × 128"],
  ["ResNet: 7 × 7 at stride 2", "224 × 224", "112 × 112"],
  ["AlexNet: 11 × 11 at stride 4", "224 × 224", "55 × 55"],
];

app.test("every preset of the list is known here", async ({ open }) => {
  const page = await open();
  const labels = await page.getByRole("combobox", { name: "Example" }).evaluate((select) =>
    [...select.options].filter((option) => !option.disabled).map((option) => option.label));
  assert.deepEqual(labels, KNOWN.map(([label]) => label));
});

app.test("each preset turns its input into the known output, and has something to say", async ({ open }) => {
  const page = await open();
  // The first is chosen already.
  for (const [label, input, output] of [...KNOWN.slice(1), KNOWN[0]]) {
    await choosePreset(page, label);
    await becomes(async () => {
      const said = await sentence(page);
      return [`turns ${input} into ${output}`, `turn ${input} into ${output}`].some((end) => said.endsWith(end));
    }, true);
    const chosen = page.getByRole("combobox", { name: "Example" });
    assert.equal(await chosen.evaluate((it) => it.selectedOptions[0].label), label);
    const about = await page.getByRole("form", { name: "Controls" }).locator("section").first().locator("p").innerText();
    assert.match(about, /\.$/, label);
    const [rows, columns] = output.split(" × ").map(Number);
    // Sheets have no cells to stand on.
    if ((await page.locator(".stage").getAttribute("data-view")) === "depth") {
      await page.shot(`preset ${label}`);
      continue;
    }
    const grid = page.getByRole("grid", { name: "Output", exact: true });
    assert.equal(await grid.getAttribute("aria-rowcount"), String(rows));
    assert.equal(await grid.getAttribute("aria-colcount"), String(columns));
    if (rows < 10) {
      const outputs = await numbersOf(page, "Output");
      assert.deepEqual([outputs.length, outputs[0].length], [rows, columns]);
    }
    await page.shot(`preset ${label}`);
  }
});

app.test("a preset that is changed is one's own, and is itself again when the change is undone", async ({ open }) => {
  const page = await open();
  await choosePreset(page, "Dilation");
  const chosen = () => page.getByRole("combobox", { name: "Example" }).evaluate((it) => it.selectedOptions[0].label);
  await becomes(chosen, "Dilation");
  await page.getByRole("slider", { name: "Stride" }).focus();
  await page.keyboard.press("ArrowRight");
  await becomes(chosen, "Own settings");
  await page.getByRole("button", { name: "Undo" }).click();
  await becomes(chosen, "Dilation");
});

app.test("an edit just before a preset is what back leads to, and undo goes on from there", async ({ open }) => {
  const page = await open();
  await type(page, "Stride, number", "1");
  // Sooner than the address would be written by itself.
  await choosePreset(page, "Dilation");
  await becomes(async () => (await sentence(page)).endsWith("turns 7 × 7 into 3 × 3"), true);
  await page.goBack();
  await becomes(async () => (await sentence(page)).endsWith("turns 5 × 5 into 5 × 5"), true);
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.click();
  await becomes(async () => (await sentence(page)).endsWith("turns 7 × 7 into 3 × 3"), true);
  await undo.click();
  await becomes(async () => (await sentence(page)).endsWith("turns 5 × 5 into 5 × 5"), true);
  await undo.click();
  await becomes(async () => (await sentence(page)).endsWith("turns 5 × 5 into 3 × 3"), true);
  assert.ok(await undo.isDisabled());
});

app.test("the transport stays where it is from example to example", async ({ open }) => {
  const page = await open("", { viewport: { width: 1366, height: 768 } });
  const top = async () => Math.round((await page.getByRole("region", { name: "Steps" }).boundingBox()).y);
  const first = await top();
  for (const [label, , output] of KNOWN.slice(1)) {
    await choosePreset(page, label);
    await becomes(async () => (await sentence(page)).endsWith(`into ${output}`), true);
    // A picture may still be on its way.
    const figure = page.locator(".stage canvas");
    await becomes(async () => (await figure.getAttribute("aria-label")).includes(`into ${output}`), true);
    // The depth view is less high, so that the inside of its filter is seen.
    if ((await page.locator(".stage").getAttribute("data-view")) === "depth") {
      continue;
    }
    await becomes(top, first);
    const [canvas, hint] = await Promise.all([figure.boundingBox(), page.locator(".stage__hint").boundingBox()]);
    assert.ok(canvas.y + canvas.height <= hint.y + 1 && hint.y + hint.height <= first + 1, `${label}: ${JSON.stringify({ canvas, hint, first })}`);
  }
});
