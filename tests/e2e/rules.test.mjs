// What each framework makes of the present numbers, and the layer as code.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { becomes } from "./lab.mjs";

const app = await start();

/** `[rule, output, padding, left over]` of each row, with one space between words. */
const rules = (page) => page.getByRole("region", { name: "Rules side by side" }).getByRole("table")
  .evaluate((table) => [...table.tBodies[0].rows].filter((row) => row.cells.length === 4)
    .map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, " ").trim())));

const code = (page) => page.getByRole("group", { name: "Code of this layer" });

app.test("ResNet's stem: PyTorch floors and leaves one row, TensorFlow pads unevenly, the formula gives no whole number", async ({ open }) => {
  const page = await open("#/lab?x=photo-chelsea&k=7&p=3&b=none");
  const rows = await rules(page);
  const row = (pattern) => rows.find(([rule]) => pattern.test(rule)) ?? assert.fail(`no ${pattern} in ${JSON.stringify(rows)}`);
  assert.deepEqual(row(/^PyTorch/).slice(1, 3), ["112 × 112", "3 on each side"]);
  assert.match(row(/^PyTorch/)[0], /as shown/);
  assert.match(row(/same/i)[1], /112 × 112|refused/);
  assert.match(rows.find(([rule, , pads]) => /Keras|TensorFlow/.test(rule) && /top 2/.test(pads))?.[2] ?? "", /top 2, left 2, bottom 3, right 3/);
  assert.match(row(/formula|course/i)[1], /112 1\/2/);
  await page.getByRole("region", { name: "Rules side by side" }).scrollIntoViewIfNeeded();
  await page.shot("rules-resnet-stem");
});

app.test("the layer is written for four frameworks and follows the controls", async ({ open }) => {
  const page = await open();
  assert.match(await code(page).innerText(), /nn\.Conv2d\(\s*1, 1,[^)]*stride=2[^)]*padding=1/s);
  const choices = page.getByRole("group", { name: "Framework of the code" });
  for (const [name, expected] of [["Keras", /import keras/], ["JAX", /import jax|from jax/], ["ONNX", /onnx/]]) {
    await choices.getByRole("radio", { name }).check();
    await becomes(async () => expected.test(await code(page).innerText()), true);
  }
  await choices.getByRole("radio", { name: "PyTorch" }).check();
  await page.getByLabel("Stride down").or(page.getByLabel("Stride", { exact: true })).first().fill("3");
  await page.keyboard.press("Enter");
  await becomes(async () => /stride=3/.test(await code(page).innerText()), true);
});

app.test("a phone shows the code on a sheet of its own", async ({ open }) => {
  const page = await open("#/lab", { viewport: { width: 390, height: 844 } });
  await page.getByRole("navigation", { name: "Sheets" }).getByRole("button", { name: "Code" }).click();
  await code(page).waitFor();
  await page.shot("phone-code");
});
