// The export dialog: every form, what is refused, the way back through import, and the figure as a file.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { axe, start } from "./page.mjs";
import { becomes, says } from "./lab.mjs";
import { fieldsBecome, link } from "./stack.mjs";

const app = await start();

const dialog = (page) => page.getByRole("dialog", { name: "Export layers" });
const text = (page) => dialog(page).getByRole("group", { name: "Text to export" });
const form = (page) => dialog(page).getByRole("combobox", { name: "Form to export" });
const button = (page, name) => dialog(page).getByRole("button", { name, exact: true });

async function opened(open, address = "#/stack") {
  const page = await open(address, CLIPBOARD);
  await page.getByRole("button", { name: "Export" }).click();
  await dialog(page).waitFor();
  return page;
}

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

/** Chooses a form and gives its text once it is there. */
async function written(page, label, expected) {
  await form(page).selectOption({ label });
  await says(text(page), expected);
  return text(page).innerText();
}

app.test("each form shows its text before it is copied or saved", async ({ open }) => {
  const page = await opened(open);
  await says(text(page), /nn\.Sequential\(\s+nn\.Conv2d\(3, 8, 3\),\s+nn\.Conv2d\(8, 8, 3\),\s+nn\.MaxPool2d\(2\)/);
  await page.shot("stack export");
  for (const [label, expected, name] of [
    ["Keras", /keras\.layers\.Conv2D\(8, 3, name="conv/, "course.py"],
    ["JAX", /lax\.conv_general_dilated\(x, w\["/, "course.py"],
    ["ONNX text", /MaxPool <kernel_shape = \[2, 2\]/, "course.onnxtxt"],
    ["CSV", /^Layer,Name,Operation/, "course.csv"],
    ["Markdown", /\| Total \|/, "course.md"],
    ["PyTorch", /^import torch\n/, "course.py"],
  ]) {
    const shown = await written(page, label, expected);
    await button(page, "Copy").click();
    await says(dialog(page).locator(".export__said"), new RegExp(`^${label} copied$`));
    assert.equal((await copied(page)).trim(), shown.trim());
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Download").click()]);
    assert.equal(download.suggestedFilename(), name);
    assert.equal((await readFile(await download.path(), "utf8")).trim(), shown.trim());
    await says(dialog(page).locator(".export__said"), new RegExp(`^Saved as ${name.replace(".", "\\.")}$`));
  }
  assert.equal(await written(page, "Fomoro hash", /^#/), "#3,1,1,VALID;3,1,1,VALID;2,2,1,VALID;3,1,1,VALID");
  assert.equal(await button(page, "Download").count(), 0, "a hash is no file");
  assert.equal(await written(page, "Link", /#\/stack/), await page.evaluate(() => new URL("#/stack", location.href).href));
});

app.test("what a form cannot say is refused with the layer and the reason", async ({ open }) => {
  const page = await opened(open, "#/stack?l=i1x8x9x9.c8k3p1.r.ja_1,3.c8k3s2d2");
  await written(page, "PyTorch", /class Net\(nn\.Module\):[^]*def forward\(self, x\):/);
  await form(page).selectOption({ label: "Fomoro hash" });
  const status = dialog(page).locator(".export__status");
  await says(status, /^Layer 3 \(add\) cannot be written: a Fomoro link has no branches\.$/);
  assert.ok(await button(page, "Copy").isDisabled() && await text(page).count() === 0);
  await form(page).selectOption({ label: "Keras" });
  await says(status, /^Layer 4 \(conv\) cannot be written: Keras takes a stride or a dilation above 1, not both\.$/);
  await page.shot("stack export refused");
  await form(page).selectOption({ label: "JAX" });
  await says(text(page), /rhs_dilation=\(2, 2\)/);
  assert.equal(await status.innerText(), "");
});

app.test("PyTorch code that is imported again gives the same link", async ({ open }) => {
  const address = "#/stack?v=1&l=i1x3x30x32.c8k3p1.r.c8k3psn.b.mk3s2p1u.c16k5x3s2x1d1x2g2.t4k3s2p1o1.ub2.A.F.f10";
  const page = await opened(open, address);
  const before = await link(page);
  const code = await written(page, "PyTorch", /nn\.ConvTranspose2d/);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByRole("textbox", { name: "Layers as text" }).fill(code);
  await page.getByRole("button", { name: /^Replace 11 layers/ }).click();
  await becomes(async () => (await link(page)).split("&").find((it) => it.startsWith("l=")),
    before.split("&").find((it) => it.startsWith("l=")));
  // Once more, of what was read.
  await page.getByRole("button", { name: "Export" }).click();
  await becomes(() => text(page).innerText(), code);
});

app.test("the figure is a file of its own, as it is seen", async ({ open }) => {
  const page = await opened(open, "#/stack?net=course-padded&unit=1,4");
  await form(page).selectOption({ label: "SVG" });
  const picture = dialog(page).getByRole("img", { name: /One unit of layer 4 sees 10 × 10 cells/ });
  await picture.waitFor();
  await becomes(() => picture.evaluate((it) => it.complete && it.naturalWidth > 300), true);
  await page.shot("stack export svg");
  await button(page, "Copy").click();
  await says(dialog(page).locator(".export__said"), /^SVG copied$/);
  const svg = (await copied(page));
  assert.match(svg, /^<svg xmlns=/);
  assert.doesNotMatch(svg, /var\(|class=|<script|href="(?!data:image\/png;base64,)/, "it needs nothing else");
  assert.match(svg, /href="data:image\/png;base64,/, "the picture is in it");
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Download").click()]);
  assert.equal(download.suggestedFilename(), "course-padded.svg");
  assert.equal(await readFile(await download.path(), "utf8"), svg);

  // The pixels of the file are those of the page.
  const shown = await page.locator(".field-stage__canvas").evaluate((it) => [it.clientWidth, it.clientHeight]);
  await form(page).selectOption({ label: "PNG" });
  await becomes(() => picture.evaluate((it) => it.complete && [it.naturalWidth / 2, it.naturalHeight / 2]), shown);
  const [png] = await Promise.all([page.waitForEvent("download"), button(page, "Download").click()]);
  assert.equal(png.suggestedFilename(), "course-padded.png");
  const bytes = await readFile(await png.path());
  assert.deepEqual([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  await button(page, "Copy").click();
  await says(dialog(page).locator(".export__said"), /^PNG copied$/);
  const kinds = await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((it) => it.types));
  assert.deepEqual(kinds, ["image/png"]);
});

app.test("keys open it, move in it and close it, and the focus comes back", async ({ open }) => {
  const page = await open("#/stack");
  await page.getByRole("button", { name: "Export" }).focus();
  await page.keyboard.press("Enter");
  await says(text(page), /nn\.Sequential/);
  await form(page).focus();
  await page.keyboard.press("ArrowDown");
  await says(text(page), /^import keras/);
  for (const name of ["Text to export", "Download", "Copy"]) {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.textContent), name);
  }
  await page.keyboard.press("Escape");
  await becomes(() => dialog(page).count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Export");
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
});

for (const [look, options] of [
  ["light", {}],
  ["dark", { theme: "dark" }],
  ["forced colours", { forcedColors: true }],
  ["a phone", { viewport: { width: 360, height: 740 } }],
]) {
  app.test(`the open dialog has no fault that axe finds, and fits: ${look}`, async ({ open }) => {
    const page = await open("#/stack?net=resnet-18", options);
    await page.getByRole("button", { name: "Export" }).click();
    await says(text(page), /class Net\(nn\.Module\)/);
    assert.deepEqual(await axe(page), []);
    const { width } = await dialog(page).boundingBox();
    const wide = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
    assert.ok(width <= wide[0] && wide[1] <= wide[0], `${width} ${wide}`);
    await page.shot(`stack export ${look}`);
  });
}
