// Networks of the reader's own: pasted texts of every form, dropped and chosen files, what cannot be read, and that
// nothing leaves the page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { axe, start } from "./page.mjs";
import { becomes, says, sentence } from "./lab.mjs";
import { dropLarge, makeLarge, readerMemory } from "./large.mjs";
import { fieldsBecome, kinds, kindsBecome, link, table } from "./stack.mjs";

const app = await start();

const data = (name) => readFile(new URL(`../data/${name}`, import.meta.url));
const RESNET = await data("onnx-graph/resnet18.external.onnx");
const MOBILENET = await data("onnx-graph/mobilenet_v2.dynamo.inputs.onnx");

const dialog = (page) => page.getByRole("dialog", { name: "Import layers" });
const words = (page) => dialog(page).getByRole("textbox", { name: "Layers as text" });
const status = (page) => dialog(page).getByRole("status");
const replace = (page) => dialog(page).getByRole("button", { name: /^Replace \d+ layers?$/ });

async function openDialog(page) {
  await page.getByRole("button", { name: "Import" }).click();
  await dialog(page).waitFor();
}

/** Types a text into the open dialog and replaces the layers by it. */
async function bring(page, text, said) {
  await openDialog(page);
  await words(page).fill(text);
  await says(status(page), said);
  await replace(page).click();
  await dialog(page).waitFor({ state: "hidden" });
}

/** Lets go of a file over the page. */
const drop = (page, name, bytes) => page.evaluate(([name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0))], name));
  const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
  return event.defaultPrevented;
}, [name, Buffer.from(bytes).toString("base64")]);

const layers = async (page) => Number(await table(page).getAttribute("aria-rowcount")) - 2;

const COURSE = ["1", "3", "5", "6", "10"];

for (const [form, text, said, kindsThen] of [
  [
    "code", "net = nn.Sequential(\n  nn.Conv2d(3, 8, 5, stride=2),\n  nn.ReLU(),\n  nn.MaxPool2d(2),\n)\n",
    /PyTorch code. 3 layers found: 1 convolution, 1 max pool, 1 activation\./, ["Conv", "ReLU", "Max pool"],
  ],
  [
    "a printed module",
    "Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n  (1): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n)\n",
    /Printed PyTorch module. 2 layers found: 1 convolution, 1 max pool\./, ["Conv", "Max pool"],
  ],
  [
    "a Fomoro link", "https://fomoro.com/research/article/receptive-field-calculator#3,1,1,VALID;2,2,1,SAME",
    /Fomoro link. 2 layers found: 2 convolutions\./, ["Conv", "Conv"],
  ],
]) {
  app.test(`${form} replaces the layers, and undo brings them back`, async ({ open }) => {
    const page = await open("#/stack");
    await fieldsBecome(page, COURSE);
    await bring(page, text, said);
    await kindsBecome(page, kindsThen);
    await page.getByRole("button", { name: "Undo" }).click();
    await fieldsBecome(page, COURSE);
    await page.getByRole("button", { name: "Redo" }).click();
    await kindsBecome(page, kindsThen);
  });
}

for (const [form, said] of [["printed", /Printed PyTorch module/], ["torchinfo", /Table of torchinfo/], ["torchsummary", /Table of torchsummary/]]) {
  app.test(`ResNet-18 as ${form} text has the field and the costs that are published`, async ({ open }) => {
    const page = await open("#/stack");
    await bring(page, String(await data(`text/resnet18.${form}.txt`)), said);
    await becomes(async () => (await table(page).locator("tfoot").innerText()).includes("11,689,512"), true);
    assert.match(await sentence(page), /435 × 435/);
  });
}

app.test("a dropped ONNX file is read, shown, linked and undone", async ({ open }) => {
  const page = await open("#/stack");
  await fieldsBecome(page, COURSE);
  assert.equal(await drop(page, "resnet18.onnx", RESNET), true);
  await says(status(page), /ONNX file\. 69 layers found: 20 convolutions, 1 max pool/);
  await says(dialog(page), /resnet18\.onnx/);
  await page.shot("stack import onnx");
  await replace(page).click();
  await becomes(async () => (await sentence(page)).includes("435 × 435"), true);
  const count = await layers(page);
  const address = await link(page);
  const other = await open(address);
  await becomes(() => layers(other), count);
  await page.getByRole("button", { name: "Undo" }).click();
  await fieldsBecome(page, COURSE);
});

app.test("a chosen file is read, and one of text as well", async ({ open }) => {
  const page = await open("#/stack");
  await openDialog(page);
  const choose = (name, buffer) =>
    dialog(page).getByLabel("Network file").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  await choose("mobilenet.onnx", MOBILENET);
  await says(status(page), /ONNX file\. \d+ layers found: 52 convolutions/);
  await choose("net.txt", Buffer.from("nn.Conv2d(3, 4, 7)"));
  await says(status(page), /PyTorch code. 1 layer found/);
  assert.equal(await words(page).inputValue(), "nn.Conv2d(3, 4, 7)");
  await replace(page).click();
  await kindsBecome(page, ["Conv"]);
});

app.test("what cannot be read says what and where, and the layers stay", async ({ open }) => {
  const page = await open("#/stack");
  await openDialog(page);
  for (const [text, said] of [
    ["nn.Conv2d(3, 8, 3)\nnn.Conv2d(8, , 3)", /Line 2, column 14: a value is expected, not ","\./],
    ["nn.Conv2d(3, 8, 0)", /Line 1, column 1: Conv2d is impossible: kernel_size must be at least 1/],
    ["nothing of the kind", /No layer is found/],
    ["#3,1,1,VALID;3,1,SAME", /Line 1, column 14: .* expected, not "3,1,SAME"/],
  ]) {
    await words(page).fill(text);
    await says(status(page), said);
    assert.equal(await replace(page).isDisabled(), true);
  }
  await page.shot("stack import refused");
  await drop(page, "cut.onnx", RESNET.subarray(0, 9000));
  await says(status(page), /Byte \d+: a field claims \d+ bytes where \d+ are left/);
  await drop(page, "picture.onnx", Buffer.from("\x89PNG\r\n\x1a\n and so on"));
  await says(status(page), /Byte \d+: /);
  await drop(page, "empty.onnx", Buffer.alloc(0));
  await says(status(page), /there is no graph, so this is no ONNX model/);
  await dialog(page).getByRole("button", { name: "Cancel" }).click();
  await dialog(page).waitFor({ state: "hidden" });
  await fieldsBecome(page, COURSE);
  assert.equal(await page.getByRole("button", { name: "Undo" }).isDisabled(), true);
});

app.test("unknown layers and layers of one axis are shown as such, and stop the field with the reason", async ({ open }) => {
  const page = await open("#/stack");
  await bring(
    page, "nn.Conv2d(3, 8, 3)\nnn.Conv1d(8, 8, 3)\nnn.Wavelet()\nnn.Conv2d(8, 8, 3)",
    /Conv1d works on one spatial axis instead of two, so receptive fields end there/,
  );
  await becomes(async () => (await kinds(page)).length, 4);
  await becomes(async () => /Conv1d/.test(await table(page).innerText()) && /Wavelet/.test(await table(page).innerText()), true);
});

app.test("pasting anywhere on the page opens the dialog with the text", async ({ open }) => {
  const page = await open("#/stack");
  await fieldsBecome(page, COURSE);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "nn.Conv2d(3, 8, 3)\nnn.ReLU()");
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await says(status(page), /2 layers found/);
  assert.match(await words(page).inputValue(), /nn\.ReLU/);
});

app.test("all of it goes by keys, and the focus comes back", async ({ open }) => {
  const page = await open("#/stack");
  await fieldsBecome(page, COURSE);
  const button = page.getByRole("button", { name: "Import" });
  await button.focus();
  await page.keyboard.press("Enter");
  await becomes(() => words(page).evaluate((it) => it === document.activeElement), true);
  await page.keyboard.insertText("nn.Conv2d(3, 8, 3)\nnn.Conv2d(8, 8, 3)");
  await says(status(page), /2 layers found/);
  const reached = [];
  for (let n = 0; n < 6; n += 1) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement.innerText));
    if (/^Replace/.test(reached.at(-1))) break;
  }
  assert.deepEqual(reached, ["Open a file", "Cancel", "Replace 4 layers"]);
  await page.keyboard.press("Enter");
  await kindsBecome(page, ["Conv", "Conv"]);
  await becomes(() => button.evaluate((it) => it === document.activeElement), true);
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  await becomes(() => button.evaluate((it) => it === document.activeElement), true);
});

app.test("nothing leaves the page: once the reader is loaded, no request is made", async ({ open }) => {
  const page = await open("#/stack");
  const requests = [];
  page.context().on("request", (request) => {
    const { pathname } = new URL(request.url());
    // Chromium asks for the icon of the tab whenever it likes.
    if (!/\/icon-[0-9a-f]+\.svg$/.test(pathname)) {
      requests.push(`${request.method()} ${pathname}`);
    }
  });
  await bring(page, "nn.Conv2d(3, 8, 3)", /1 layer found/);
  assert.ok(requests.length > 0, "the reader is loaded when it is needed");
  const own = /^GET .*\/worker\/[0-9a-f]+\/(start|networks)\.(js|wasm)$/;
  assert.deepEqual(requests.filter((it) => !own.test(it)), []);
  requests.length = 0;
  await drop(page, "resnet18.onnx", RESNET);
  await says(status(page), /ONNX file/);
  await replace(page).click();
  await becomes(async () => (await sentence(page)).includes("435 × 435"), true);
  await bring(page, String(await data("text/small.torchinfo.txt")), /Table of torchinfo/);
  assert.deepEqual(requests, []);
  await openDialog(page);
  await says(dialog(page), /Nothing leaves this tab/);
});

app.test("half a gigabyte is read without its weights", async ({ open }) => {
  const page = await open("#/stack");
  await fieldsBecome(page, COURSE);
  assert.ok(await makeLarge(page, { megabytes: 500, weights: 20 }) > 500 * 2 ** 20);
  await dropLarge(page);
  await says(status(page), /ONNX file\. 1 layer found: 1 convolution\./);
  assert.ok(await readerMemory(page) < 16 * 2 ** 20, `${await readerMemory(page)} bytes`);
  await replace(page).click();
  await kindsBecome(page, ["Conv"]);
});

app.test("a file that takes long says how far it is, and can be let go of", async ({ open }) => {
  const page = await open("#/stack");
  await fieldsBecome(page, COURSE);
  await makeLarge(page, { megabytes: 6000, weights: 6000 });
  await dropLarge(page);
  await says(status(page), /Reading, \d+ %/);
  assert.equal(await replace(page).isDisabled(), true);
  await page.shot("stack import reading");
  await dialog(page).getByRole("button", { name: "Cancel" }).click();
  await dialog(page).waitFor({ state: "hidden" });
  // The program that was reading is gone, and the next one starts.
  await becomes(() => page.workers().filter((worker) => worker.url().endsWith("?networks")).length, 0);
  await bring(page, "nn.Conv2d(3, 8, 3)", /1 layer found/);
  await kindsBecome(page, ["Conv"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await fieldsBecome(page, COURSE);
});

for (const [name, options] of [
  ["", {}], [" in the dark", { theme: "dark" }], [" on a phone", { viewport: { width: 390, height: 780 }, hasTouch: true }],
]) {
  app.test(`axe finds nothing in the dialog${name}`, async ({ open }) => {
    const page = await open("#/stack", options);
    await openDialog(page);
    await page.shot(`stack import empty${name}`);
    assert.deepEqual(await axe(page), []);
    await words(page).fill(String(await data("text/mobilenet_v2.torchinfo.txt")));
    await says(status(page), /give summary\(\) a larger depth/);
    assert.deepEqual(await axe(page), []);
    await page.shot(`stack import found${name}`);
    await words(page).fill("nn.Conv2d(3, , 3)");
    await says(status(page), /Line 1, column 14/);
    assert.deepEqual(await axe(page), []);
    const widths = await page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], String(widths));
  });
}
