// The stack page: the course's numbers, edits, what is impossible, links and the way to the lab and back.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { becomes, says, sentence } from "./lab.mjs";
import { column, fields, fieldsBecome, focused, kindsBecome, link, rows, said, setting, show, table, type } from "./stack.mjs";

const app = await start();

app.test("the course's example shows its fields, jumps and costs", async ({ open }) => {
  const page = await open("#/stack");
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
  assert.deepEqual((await column(page, 4)).slice(1), ["1", "1", "2", "2"], "jumps");
  assert.deepEqual((await rows(page))[1].slice(1), ["Conv", "12 × 12 × 8", "3", "1", "0", "224", "4.5 KiB", "31,104"]);
  assert.equal(await sentence(page), "One unit of layer 4 sees 10 × 10 cells: 100 pixels read");
  assert.equal(await page.title(), "Receptive fields of a network · convscope");
  // The row of names, the input, four layers, and the sums.
  assert.equal(await table(page).getAttribute("aria-rowcount"), "7");
  const indices = await table(page).evaluate((it) =>
    [...it.querySelectorAll("tr[aria-rowindex]")].map((row) => Number(row.getAttribute("aria-rowindex"))));
  assert.deepEqual(indices, [1, 2, 3, 4, 5, 6, 7]);
  const lines = await page.getByRole("table", { name: "The field of each layer" }).innerText();
  assert.match(lines, /R1 = 1 \+ \(3 − 1\) × 1 = 3/);
  assert.match(lines, /R4 = 6 \+ \(3 − 1\) × 1 × 1 × 2 = 10/);
  const total = await table(page).locator("tfoot").innerText();
  for (const sum of ["1,392", "11 KiB", "93,888"]) {
    assert.ok(total.includes(sum), `${sum} is not in ${total}`);
  }
  await page.shot("stack");
});

app.test("padding changes where fields begin, and not how large they are", async ({ open }) => {
  const page = await open("#/stack?net=course-padded&unit=1,4");
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
  assert.deepEqual(await column(page, 5), ["0", "−1", "−2", "−2", "−4"]);
  assert.equal(await sentence(page), "One unit of layer 4 sees 10 × 10 cells: 80 pixels read, 20 outside the image");
});

app.test("every number follows what is typed, and the focus stays", async ({ open }) => {
  const page = await open("#/stack");
  await type(page, 2, "Kernel", "5");
  await fieldsBecome(page, ["1", "3", "7", "8", "12"]);
  assert.equal(await focused(page), "layer-2-stride");
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  // Two cells are left for the last window of three.
  await fieldsBecome(page, ["1", "3", "7", "9", ""]);
  assert.equal(await focused(page), "layer-2-stride");
  await page.keyboard.press("ArrowDown");
  await fieldsBecome(page, ["1", "3", "7", "8", "12"]);
  await type(page, 1, "Kernel", "3x5");
  await becomes(async () => (await fields(page))[1], "3 × 5");
  assert.match(await said(page), /^Layer 1, Kernel 3x5\. One unit of layer 4 sees 12 × 14 cells/);
  await page.getByRole("button", { name: "Undo" }).click();
  await fieldsBecome(page, ["1", "3", "7", "8", "12"]);
  await page.getByRole("button", { name: "Redo" }).click();
  await becomes(async () => (await fields(page))[1], "3 × 5");
});

app.test("an impossible layer says why, what stands below waits, and nothing is lost", async ({ open }) => {
  const page = await open("#/stack");
  await type(page, 2, "Kernel", "20");
  await says(page.locator(".layers__message"), /window covers 20 cells, but only 12 are there/);
  assert.deepEqual((await rows(page)).slice(3).map((row) => row.slice(2)), [3, 4].map(() => Array(7).fill("—")));
  assert.equal(await sentence(page), "Layer 4 has no output: layer 2 before it is impossible");
  // The figure stays as it was, dimmed.
  await says(page.locator(".legend"), /pixel read: 100/);
  assert.match(await page.locator("main").getAttribute("class"), /is-waiting/);
  await page.shot("stack impossible");
  await type(page, 2, "Kernel", "3");
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
  assert.doesNotMatch(await page.locator("main").getAttribute("class"), /is-waiting/);
});

app.test("while the figure is one of other layers, no unit can be chosen in it", async ({ open }) => {
  const page = await open("#/stack");
  await type(page, 2, "Kernel", "20");
  await says(page.locator(".layers__message"), /window covers 20 cells/);
  const [address, words] = [await link(page), await said(page)];
  const figure = page.locator(".field-stage__figure");
  await figure.press("ArrowLeft");
  const box = await figure.boundingBox();
  await page.mouse.click(box.x + box.width * 0.12, box.y + box.height * 0.4);
  assert.deepEqual([await link(page), await said(page)], [address, words]);
});

app.test("a refused text is gone with the layer for which it was typed", async ({ open }) => {
  const page = await open("#/stack");
  const refuse = async () => {
    await type(page, 3, "Kernel", "0");
    await says(page.locator(".layers__message"), /too small/);
  };
  await type(page, 1, "Kernel", "5");
  await refuse();
  await page.getByRole("button", { name: "Undo" }).click();
  await becomes(() => setting(page, 3, "Kernel").inputValue(), "2");
  assert.equal(await setting(page, 3, "Kernel").getAttribute("aria-invalid"), null);
  await refuse();
  await page.getByRole("combobox", { name: "Examples" }).selectOption({ label: "ResNet-50, stride in the 3 × 3" });
  await says(page.getByRole("heading", { level: 1 }), /427 × 427/);
  assert.equal(await page.locator(".layers__message").count(), 0);
});

app.test("a text that is no number stays in its field with the reason", async ({ open }) => {
  const page = await open("#/stack");
  await type(page, 1, "Stride", "x");
  await says(page.locator(".layers__message"), /Type a whole number/);
  assert.equal(await setting(page, 1, "Stride").inputValue(), "x");
  assert.equal(await setting(page, 1, "Stride").getAttribute("aria-invalid"), "true");
  assert.equal(await focused(page), "layer-1-padding");
  await setting(page, 1, "Stride").press("Escape");
  await becomes(() => setting(page, 1, "Stride").inputValue(), "1");
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
});

app.test("layers are added, doubled, turned into others and removed", async ({ open }) => {
  const page = await open("#/stack");
  await show(page, 2).check();
  await says(page.getByRole("heading", { level: 1 }), /^One unit of layer 2 sees 5 × 5/);
  await page.getByRole("button", { name: "Add layer" }).click();
  await page.getByRole("button", { name: "ReLU", exact: true }).click();
  await kindsBecome(page, ["Conv", "Conv", "ReLU", "Max pool", "Conv"]);
  await becomes(() => focused(page), "layer-3-kind");
  await page.getByRole("combobox", { name: "Kind of layer 3" }).selectOption({ label: "Average pool" });
  await kindsBecome(page, ["Conv", "Conv", "Average pool", "Max pool", "Conv"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Duplicate" }).click();
  await kindsBecome(page, ["Conv", "Conv", "ReLU", "ReLU", "Max pool", "Conv"]);
  await page.getByRole("button", { name: "Remove layer 6", exact: true }).click();
  await kindsBecome(page, ["Conv", "Conv", "ReLU", "ReLU", "Max pool"]);
  await becomes(() => focused(page), "layer-5-remove");
  for (const left of [4, 3, 2, 1, 0]) {
    await page.keyboard.press("Delete");
    await becomes(async () => (await rows(page)).length, left + 1);
  }
  await becomes(() => focused(page), "layer-0-pick");
  await fieldsBecome(page, ["1"]);
  assert.match(await said(page), /^1 .* removed\. A cell of the input sees itself/);
});

app.test("settings without a column stand below the table: groups, bias, what a layer reads", async ({ open }) => {
  const page = await open("#/stack?l=i1x8x9x9.c8k3p1.r.c8k3p1.ja_1,4");
  await show(page, 1).check();
  await page.getByRole("textbox", { name: "Layer 1: Groups" }).fill("8");
  await page.keyboard.press("Enter");
  await becomes(async () => (await rows(page))[1][1], "Depthwise conv");
  await becomes(async () => (await rows(page))[1][6], "80");
  await page.getByRole("checkbox", { name: "Bias" }).uncheck();
  await becomes(async () => (await rows(page))[1][6], "72");
  assert.equal(await focused(page), "layer-1-Bias");
  assert.equal(await setting(page, 4, "Reads").inputValue(), "3, 0");
  await says(page.getByRole("region", { name: "Arithmetic" }), /This layer/);
  await show(page, 4).check();
  await says(page.getByRole("region", { name: "Arithmetic" }), /Branches meet in layer 4 Add/);
  await type(page, 4, "Reads", "3, 9");
  await says(page.locator(".layers__message"), /Layer 9 does not stand before layer 4/);
});

app.test("fields below the table are like those in it", async ({ open }) => {
  const page = await open("#/stack?l=i1x8x9x9.c8k3p1.r");
  await show(page, 1).check();
  const groups = setting(page, 1, "Groups");
  await groups.fill("3");
  await groups.press("Enter");
  await becomes(() => groups.getAttribute("aria-invalid"), "true");
  const reason = page.locator(`[id="${await groups.getAttribute("aria-describedby")}"]`);
  await says(reason, /3/);
  await groups.press("Escape");
  await becomes(() => groups.inputValue(), "1");
  assert.equal(await groups.getAttribute("aria-describedby"), null);
  await groups.fill("02");
  await groups.press("Enter");
  await becomes(() => groups.inputValue(), "2");
  await groups.press("Control+z");
  await becomes(() => groups.inputValue(), "1");
  // Leaving the field writes the title anew while the box is pressed.
  await groups.fill("8");
  await page.getByRole("checkbox", { name: "Bias" }).click();
  await becomes(async () => (await rows(page))[1].slice(1).filter((_, at) => [0, 5].includes(at)), ["Depthwise conv", "72"]);
  await becomes(() => focused(page), "layer-1-Bias");
});

app.test("examples open known networks, and the browser's back leads to what was there", async ({ open }) => {
  const page = await open("#/stack");
  await type(page, 1, "Kernel", "5");
  await fieldsBecome(page, ["1", "5", "7", "8", "12"]);
  await page.getByRole("combobox", { name: "Examples" }).selectOption({ label: "ResNet-50, stride in the 3 × 3" });
  await says(page.getByRole("heading", { level: 1 }), /^One unit of layer \d+ sees 427 × 427 cells/);
  assert.equal(await page.evaluate(() => location.hash), "#/stack?v=1&net=resnet-50");
  await says(table(page).locator("tfoot"), /25,557,032/);
  await page.shot("stack resnet-50");
  await page.goBack();
  await fieldsBecome(page, ["1", "5", "7", "8", "12"]);
  await page.goForward();
  await says(page.getByRole("heading", { level: 1 }), /427 × 427/);
});

app.test("a link gives back what it was made of", async ({ open }) => {
  const page = await open("#/stack");
  await type(page, 1, "Stride", "2");
  await type(page, 4, "Pad", "1");
  await type(page, 4, "Filters", "16");
  await show(page, 3).check();
  await page.getByRole("radio", { name: "Columns" }).check();
  const [address, shown, heading] = [await link(page), await rows(page), await sentence(page)];
  const other = await open(address);
  await becomes(() => rows(other), shown);
  assert.equal(await sentence(other), heading);
  assert.equal(await link(other), address);
});

app.test("a broken link opens the nearest network and says what it left out", async ({ open }) => {
  const page = await open("#/stack?net=resnet-9000&sel=99&unit=a&colour=blue");
  const notices = page.getByRole("list", { name: "About this link" });
  await says(notices, /There is no network “resnet.9000”/);
  await says(notices, /“colour” in the link is not known/);
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
  await page.getByRole("button", { name: "Dismiss" }).click();
  await notices.waitFor({ state: "hidden" });
});

app.test("layers that a link breaks are kept up to the first that cannot be read", async ({ open }) => {
  const page = await open("#/stack?l=i1x3x14x14.c8k3.%C2%A7%C2%A7.c8k3");
  await page.getByRole("list", { name: "About this link" }).waitFor();
  await becomes(async () => (await fields(page)).slice(0, 2), ["1", "3"]);
});

app.test("lab and stack keep their state when one goes to the other and back", async ({ open }) => {
  const page = await open("#/lab?s=1");
  await says(page.getByRole("heading", { level: 1 }), /turns 5 × 5 into 5 × 5/);
  assert.equal(await page.getByRole("link", { name: "Lab", exact: true }).getAttribute("aria-current"), "page");
  await page.getByRole("link", { name: "Stack" }).click();
  await fieldsBecome(page, ["1", "3", "5", "6", "10"]);
  assert.equal(await page.getByRole("link", { name: "Stack" }).getAttribute("aria-current"), "page");
  await type(page, 1, "Kernel", "5");
  await fieldsBecome(page, ["1", "5", "7", "8", "12"]);
  // The name, which looks like a way home, opened the example in place of what had been set up.
  await page.getByRole("link", { name: "convscope" }).click();
  await says(page.getByRole("heading", { level: 1 }), /turns 5 × 5 into 5 × 5/);
  assert.equal(await page.title(), "convscope: see convolutions");
  assert.match(await link(page), /^#\/lab\?/);
  await page.getByRole("link", { name: "Stack" }).click();
  await fieldsBecome(page, ["1", "5", "7", "8", "12"]);
  await page.goBack();
  await says(page.getByRole("heading", { level: 1 }), /turns 5 × 5 into 5 × 5/);
  await page.goBack();
  await fieldsBecome(page, ["1", "5", "7", "8", "12"]);
});

// Below the table it was off the screen of a small laptop, and four characters wide on a phone.
for (const viewport of [{ width: 1366, height: 657 }, { width: 360, height: 640 }]) {
  app.test(`the examples are in sight at once at ${viewport.width} × ${viewport.height}`, async ({ open }) => {
    const page = await open("#/stack", { viewport });
    const examples = await page.getByRole("combobox", { name: "Examples" }).boundingBox();
    const figure = await page.getByRole("region", { name: "Figure" }).boundingBox();
    assert.ok(examples.y + examples.height <= figure.y, JSON.stringify([examples, figure]));
    assert.ok(examples.width >= 150, `${examples.width} px wide`);
  });
}

app.test("a layer of the network is seen in the lab, and back leads to the network", async ({ open }) => {
  const page = await open("#/stack?net=resnet-18&sel=1");
  await page.getByRole("link", { name: "See it in the lab" }).click();
  await says(page.getByRole("heading", { level: 1 }), /7 × 7 kernel at stride 2, padding 3, turns 224 × 224 into 112 × 112/);
  assert.equal(await page.getByRole("link", { name: "Lab", exact: true }).getAttribute("aria-current"), "page");
  await page.goBack();
  await page.getByRole("link", { name: "See it in the lab" }).waitFor();
  assert.match(await link(page), /^#\/stack\?.*resnet-18/);
});

app.test("another picture lies on the input", async ({ open }) => {
  const page = await open("#/stack");
  await page.getByRole("button", { name: "Image", exact: true }).click();
  await page.getByRole("button", { name: "Rocket" }).click();
  assert.match(await link(page), /x=photo-rocket/);
  await page.getByRole("radio", { name: "Photo", exact: true }).check();
  assert.match(await link(page), /view=photo/);
});
