// Photographs as input: a sample, a file that is picked, dropped or pasted. What is no picture gets
// one sentence, and the last good figure stays.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 as zlibCrc, deflateSync } from "node:zlib";

import { DIST, start } from "./page.mjs";
import { becomes, cell, painted, says, sentence } from "./lab.mjs";

const app = await start();

/** CRC-32 as PNG has it, bit by bit where node has none of its own. */
function crc32(bytes) {
  if (zlibCrc) {
    return zlibCrc(bytes);
  }
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
    }
  }
  return ~crc >>> 0;
}

/** A PNG in shades of grey; `shade` gives the byte at a row and a column. */
function png(width, height, shade) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = shade(y, x);
    }
  }
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 1 })), chunk("IEND", Buffer.alloc(0))]);
}

/** White at the left, black at the right. */
const halves = (width, height) => png(width, height, (_, x) => (x < width / 2 ? 255 : 0));

const panel = (page) => page.getByRole("form", { name: "Controls" });
const picked = (page, name, buffer, mimeType = "image/png") =>
  page.getByLabel("Picture file").setInputFiles({ name, mimeType, buffer });

/** How many different colours the figure shows: a handful of numbers, hundreds of a photograph. */
const colours = (page) => page.locator("canvas").evaluate((canvas) => {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext("2d");
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) {
    seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  }
  return seen.size;
});

/** Opens the lab with the photograph tab. */
async function photoTab(open, options) {
  const page = await open("", options);
  await page.getByRole("radio", { name: "Photo" }).click();
  await says(panel(page), /Colour became grey/);
  await becomes(async () => (await colours(page)) > 100, true);
  return page;
}

const source = (page) => page.getByRole("combobox", { name: "Photograph" }).evaluate((it) => it.selectedOptions[0].label);

app.test("a sample shows a convolved picture, and the window moves over it", async ({ open }) => {
  const page = await open("#/lab?x=photo-camera&w=edge&s=1&b=none&step=1");
  assert.match(await sentence(page), /turns 224 × 224 into 224 × 224/);
  await becomes(async () => (await colours(page)) > 150, true);
  const first = await painted(page);
  await page.getByRole("button", { name: "Forward one step" }).click();
  await becomes(async () => (await painted(page)) !== first, true);
  await says(page.getByRole("region", { name: "Steps" }).getByRole("status"), /^Step 2 of 50,176, output row 0 column 1, −?[0-9.]+$/);
  await page.getByRole("slider", { name: "Step", exact: true }).fill("25201");
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "8×" });
  await page.keyboard.press("Escape");
  const before = await painted(page);
  await page.getByRole("button", { name: "Play" }).click();
  await becomes(async () => (await painted(page)) !== before, true);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.shot("photo");
});

app.test("another kernel makes another picture of the same photograph", async ({ open }) => {
  const page = await open("#/lab?x=photo-chelsea&s=1&step=25000");
  await becomes(async () => (await colours(page)) > 150, true);
  const sobel = await painted(page);
  await page.getByRole("combobox", { name: "Weights" }).selectOption({ label: "Gaussian blur" });
  await becomes(async () => (await painted(page)) !== sobel, true);
  await page.shot("photo-blurred");
});

app.test("each sample of the list opens", async ({ open }) => {
  const page = await photoTab(open);
  const list = page.getByRole("combobox", { name: "Photograph" });
  const labels = await list.evaluate((it) => [...it.options].filter((option) => !option.disabled).map((option) => option.label));
  assert.equal(labels.length, 6);
  const seen = new Set();
  for (const label of labels) {
    const before = await painted(page);
    await list.selectOption({ label });
    await becomes(async () => {
      // The figure stays until the photograph is there.
      const picture = await painted(page);
      return picture !== before && !seen.has(picture) && (await colours(page)) > 100;
    }, true);
    seen.add(await painted(page));
  }
});

app.test("a picked file becomes the input, with its own values", async ({ open }) => {
  const page = await photoTab(open);
  await picked(page, "halves.png", halves(40, 30));
  await becomes(() => source(page), "Own picture");
  assert.match(await sentence(page), /turns 30 × 40 into/);
  await cell(page, "Input", 0, 19).and(page.getByLabel("Input row 0, column 19: 1")).waitFor({ state: "attached" });
  await page.getByLabel("Input row 0, column 20: 0").first().waitFor({ state: "attached" });
});

app.test("a photograph of 40 megapixels is taken, and made small", async ({ open }) => {
  const page = await photoTab(open);
  await picked(page, "large.png", png(8000, 5000, (y, x) => (x >> 5) ^ (y >> 5)));
  await becomes(() => source(page), "Own picture", { within: 30_000 });
  await says(panel(page), /Scaled from 5000 × 8000 to 160 × 256 pixels\./);
  assert.match(await sentence(page), /turns 160 × 256 into/);
  await becomes(async () => (await colours(page)) > 50, true);
});

const BAD = [
  ["a text file by another name", "notes.png", Buffer.from("no picture at all\n"), "image/png", /The browser cannot read notes\.png as image\/png; save it as PNG, JPEG or WebP/],
  ["a text file", "notes.txt", Buffer.from("no picture at all\n"), "text/plain", /notes\.txt is no picture \(text\/plain\); choose a PNG, JPEG or WebP file/],
  ["a file without bytes", "empty.png", Buffer.alloc(0), "image/png", /empty\.png is empty \(0 bytes\); choose another file/],
  ["a picture cut off in its header", "cut.png", halves(40, 30).subarray(0, 20), "image/png", /cannot read cut\.png/],
];
for (const [what, name, bytes, type, text] of BAD) {
  app.test(`${what} gets one sentence and leaves the figure`, async ({ open }) => {
    const page = await photoTab(open);
    const before = { sentence: await sentence(page), figure: await painted(page) };
    await picked(page, name, bytes, type);
    await says(panel(page), text);
    assert.equal(await sentence(page), before.sentence);
    assert.equal(await painted(page), before.figure);
    // A picture after it mends all.
    await picked(page, "halves.png", halves(40, 30));
    await becomes(() => source(page), "Own picture");
    await becomes(async () => text.test(await panel(page).innerText()), false);
  });
}

/** Gives the page an event with a file, as a drop or a paste brings it. */
const bring = (page, type, name, bytes, mime) => page.evaluate(([type, name, bytes, mime]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type: mime }));
  const options = { bubbles: true, cancelable: true };
  const event = type === "paste"
    ? new ClipboardEvent("paste", { ...options, clipboardData: data })
    : new DragEvent(type, { ...options, dataTransfer: data });
  return !document.body.dispatchEvent(event);
}, [type, name, [...bytes], mime]);

for (const type of ["drop", "paste"]) {
  app.test(`a picture comes in by ${type}, whatever the input was`, async ({ open }) => {
    const page = await open();
    if (type === "drop") {
      assert.ok(await bring(page, "dragover", "halves.png", halves(40, 30), "image/png"), "the page takes what is dragged over it");
    }
    assert.ok(await bring(page, type, "halves.png", halves(40, 30), "image/png"));
    await becomes(async () => (await sentence(page)).includes("turns 30 × 40 into"), true);
    await becomes(() => source(page), "Own picture");
  });

  app.test(`what is no picture is refused by ${type} where the reader sees it`, async ({ open }) => {
    const page = await open();
    const before = await sentence(page);
    await bring(page, type, "notes.png", Buffer.from("no picture"), "image/png");
    await page.getByText(/The browser cannot read notes\.png as image\/png/).first().waitFor();
    assert.equal(await sentence(page), before);
  });
}

app.test("a drawing without a size is as large as the browser makes it", async ({ open }) => {
  const page = await photoTab(open);
  await picked(page, "drawing.svg", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), "image/svg+xml");
  await becomes(() => source(page), "Own picture");
  assert.match(await sentence(page), /turns 128 × 256 into/);
  await says(panel(page), /Scaled from 150 × 300 to 128 × 256 pixels\./);
});

/** What stands in the input's first cell. */
const firstCell = (page) => page.getByRole("gridcell", { name: /^Input row 0, column 0:/ }).getAttribute("aria-label");

app.test("undo and redo lead from one's own picture to another, and the browser's back too", async ({ open }) => {
  const page = await open("#/lab?p=0&step=1");
  const bringShade = (name, shade) => bring(page, "drop", name, png(20, 20, () => shade), "image/png");
  await bringShade("white.png", 255);
  await becomes(() => firstCell(page), "Input row 0, column 0: 1");
  await bringShade("black.png", 0);
  await becomes(() => firstCell(page), "Input row 0, column 0: 0");
  await page.getByRole("button", { name: "Undo" }).click();
  await becomes(() => firstCell(page), "Input row 0, column 0: 1");
  await page.getByRole("button", { name: "Redo" }).click();
  await becomes(() => firstCell(page), "Input row 0, column 0: 0");
  await page.getByRole("button", { name: "Undo" }).click();
  await becomes(() => firstCell(page), "Input row 0, column 0: 1");
  await page.getByRole("combobox", { name: "Example" }).selectOption({ label: "Dilation" });
  await becomes(async () => (await sentence(page)).includes("turns 7 × 7 into"), true);
  await page.goBack();
  await becomes(() => firstCell(page), "Input row 0, column 0: 1");
  assert.equal(await source(page), "Own picture");
  assert.equal(await page.getByText("is not in the link").count(), 0);
});

app.test("a file that is no picture leaves a sample on its way", async ({ open }) => {
  let arrive;
  const asked = new Promise((done) => { arrive = done; });
  const before = (page) => page.route("**/photos/chelsea.webp", async (route) => {
    await asked;
    await route.continue();
  });
  const page = await photoTab(open, { before });
  const figure = await painted(page);
  await page.getByRole("combobox", { name: "Photograph" }).selectOption({ label: "Cat" });
  await bring(page, "drop", "notes.png", Buffer.from("no picture"), "image/png");
  await says(panel(page), /The browser cannot read notes\.png/);
  assert.equal(await painted(page), figure);
  arrive();
  await becomes(async () => (await painted(page)) !== figure, true);
  assert.equal(await source(page), "Cat");
});

app.test("numbers come back when the photograph is left, and undo brings the photograph back", async ({ open }) => {
  const page = await photoTab(open);
  await page.getByRole("radio", { name: "Numbers" }).click();
  await page.getByRole("combobox", { name: "Numbers" }).waitFor();
  await becomes(async () => /x=photo/.test(page.url()), false);
  await becomes(() => page.getByRole("combobox", { name: "Photograph" }).count(), 0);
  await page.getByRole("button", { name: "Undo" }).click();
  await becomes(() => page.getByRole("combobox", { name: "Photograph" }).count(), 1);
  await becomes(async () => (await colours(page)) > 100, true);
});

app.test("a sample that does not arrive is said beside the list, and the figure stays", async ({ open }) => {
  const before = (page) => page.route("**/photos/chelsea.webp", (route) => route.abort());
  const page = await photoTab(open, { before, allow: [/chelsea/, /ERR_FAILED/] });
  const figure = await painted(page);
  await page.getByRole("combobox", { name: "Photograph" }).selectOption({ label: "Cat" });
  await says(panel(page), /photos\/chelsea\.webp did not arrive/);
  assert.equal(await painted(page), figure);
});

app.test("no sample is loaded until a photograph is asked for", async ({ open }) => {
  const before = app.server.requests.length;
  await open();
  const photos = app.server.requests.slice(before).filter(({ path }) => path.includes("/photos/"));
  assert.deepEqual(photos, []);
  assert.ok((await readFile(join(DIST, "photos", "camera.webp"))).length > 1000);
});
