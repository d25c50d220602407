// Impossible settings: one clear sentence beside the cause, a repair with one press, and the last
// good figure stays.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { becomes, field, numbersOf, says, sentence, type } from "./lab.mjs";

const app = await start();

const opacity = (page) => page.locator("canvas").evaluate((it) => getComputedStyle(it).opacity);

/** The message about a control, as far as it is nearer to it than to any other field. */
async function beside(page, name, text) {
  const found = page.getByText(text);
  await found.waitFor();
  const [control, message] = [await field(page, name).boundingBox(), await found.boundingBox()];
  const gap = message.y - (control.y + control.height);
  assert.ok(gap >= -2 && gap < 60, `the message stands ${gap} pixels below “${name}”`);
  return found;
}

const CASES = [
  { name: "Size, number", typed: "9", text: /The kernel is 9 (high|wide), the padded input only 7/, use: 7 },
  { name: "Size, number", typed: "0", text: /At least 1: a kernel without taps computes nothing/, use: 1 },
  { name: "Stride, number", typed: "0", text: /At least 1: with stride 0 the window would never move/, use: 1 },
  { name: "Dilation, number", typed: "0", text: /At least 1: with dilation 0 all taps would read the same cell/, use: 1 },
  { name: "Dilation, number", typed: "4", text: /At dilation 4 the kernel spans 9 cells, the padded input is only 7 (high|wide)/, use: 3 },
  { name: "Stride, number", typed: "NaN", text: /“NaN” is not a whole number/, use: 2 },
  { name: "Stride, number", typed: "two", text: /“two” is not a whole number/, use: 2 },
  { name: "Stride, number", typed: "2.5", text: /2\.5 is not a whole number/, use: 2 },
  { name: "Stride, number", typed: "-1", text: /−1 is negative\. At least 1/, use: 1 },
  { name: "Size, number", typed: "", text: /Type a whole number/, use: 3 },
  { name: "H × W, number", typed: "0", text: /At least 1: an empty input has no output/, use: 1 },
  { name: "H × W, number", typed: "99999999999999999999", text: /is more than 64/, use: 64 },
  { name: "H × W, number", typed: "<b>5</b>", text: /“<b>5<\/b>” is not a whole number/, use: 5 },
];

for (const { name, typed, text, use } of CASES) {
  app.test(`${name} “${typed}” is refused with a reason and a repair`, async ({ open }) => {
    const page = await open();
    const before = { sentence: await sentence(page), outputs: await numbersOf(page, "Output") };
    await type(page, name, typed);
    const message = await beside(page, name, text);
    assert.equal(await field(page, name).inputValue(), typed);
    assert.equal(await field(page, name).getAttribute("aria-invalid"), "true");
    assert.equal(await sentence(page), before.sentence);
    assert.deepEqual(await numbersOf(page, "Output"), before.outputs);
    await becomes(() => opacity(page), "0.5");
    await page.getByRole("button", { name: `Use ${use}`, exact: true }).click();
    await becomes(() => field(page, name).inputValue(), String(use));
    await becomes(() => message.count(), 0);
    await becomes(() => opacity(page), "1");
    assert.notEqual(await field(page, name).getAttribute("aria-invalid"), "true");
  });
}

app.test("reflect padding must be smaller than the input", async ({ open }) => {
  const page = await open("#/lab?m=reflect");
  const before = await numbersOf(page, "Output");
  await type(page, "Left padding", "5");
  await says(page.getByRole("form", { name: "Controls" }), /Reflect padding of 5 is not smaller than the input, which is 5 wide/);
  assert.equal(await field(page, "Left padding").inputValue(), "5");
  assert.deepEqual(await numbersOf(page, "Output"), before);
  await becomes(() => opacity(page), "0.5");
  await page.getByRole("button", { name: "Use 4", exact: true }).click();
  await becomes(async () => (await sentence(page)).includes("padding top 1, left 4, bottom 1, right 1"), true);
});

app.test("a padding mode that the padding is too large for is refused where it is chosen", async ({ open }) => {
  const page = await open("#/lab?n=3&x=1,2,3,4,5,6,7,8,9&p=3");
  const before = await numbersOf(page, "Output");
  const mode = page.getByRole("combobox", { name: "What stands in the padding" });
  await mode.selectOption({ label: "Reflect" });
  await says(page.getByRole("form", { name: "Controls" }), /Reflect padding of 3 must be smaller than the input of 3; less padding or another mode helps/);
  assert.deepEqual(await numbersOf(page, "Output"), before);
  // The list says again what the figure shows, which therefore is not dimmed.
  await becomes(() => mode.evaluate((it) => it.selectedOptions[0].label), "Zeros");
  assert.equal(await opacity(page), "1");
});

app.test("NaN, text and too large numbers in the bias are refused", async ({ open }) => {
  const page = await open();
  const before = await numbersOf(page, "Output");
  for (const [typed, text] of [
    ["NaN", "“NaN” is not a finite number"], ["abc", "“abc” is not a number"], ["0,5", "“0,5” is not a number; write 0.5 with a point"],
    ["2000000", "2000000 is too large: at most 1,000,000, with either sign"], ["1/0", "1/0 divides by 0"],
  ]) {
    await type(page, "Bias, number", typed);
    await beside(page, "Bias, number", text);
    assert.equal(await field(page, "Bias, number").inputValue(), typed);
    assert.deepEqual(await numbersOf(page, "Output"), before);
    await becomes(() => opacity(page), "0.5");
  }
  await type(page, "Bias, number", "2");
  await becomes(async () => (await numbersOf(page, "Output"))[1][1], 29);
  await becomes(() => opacity(page), "1");
});

app.test("one's own number in an unlinked axis is refused for that axis alone", async ({ open }) => {
  const page = await open("#/lab?n=5x9&x=random-1");
  await page.getByRole("button", { name: "Size: link height and width" }).click();
  const heights = page.getByRole("textbox", { name: "Height, number" });
  // The input's row comes first, the kernel's second.
  await heights.nth(1).fill("8");
  await heights.nth(1).press("Tab");
  await says(page.getByRole("form", { name: "Controls" }), /The kernel is 8 high, the padded input only 7/);
  await page.getByRole("button", { name: "Use 7", exact: true }).click();
  await becomes(async () => (await sentence(page)).startsWith("A 7 × 3 kernel"), true);
});

app.test("a refused number is forgotten when something else is chosen", async ({ open }) => {
  const page = await open();
  await type(page, "Size, number", "9");
  await becomes(() => opacity(page), "0.5");
  await page.getByRole("combobox", { name: "Example" }).selectOption({ label: "Dilation" });
  await becomes(() => opacity(page), "1");
  assert.equal(await field(page, "Size, number").inputValue(), "3");
});

const LAYERS = {
  "a convolution": "#/lab?n=6&x=random-1",
  "a convolution in groups": "#/lab?n=6&x=random-1&c=4&f=6&g=2&p=1",
  "a convolution of a photograph": "#/lab?x=photo-coffee&n=32&c=3&f=2&k=5",
  "a transposed convolution": "#/lab?o=transposed&n=3&x=random-1&c=2&f=2&q=1",
  "a max pool": "#/lab?o=max&n=10&k=3&s=2&p=1&ceil=1&x=random-1",
  "an average pool": "#/lab?o=average&n=6&x=random-1&k=2&p=1&div=7",
  "an Lp pool": "#/lab?o=lp&n=6&x=random-1&k=2&p=0",
};

for (const [what, link] of Object.entries(LAYERS)) {
  app.test(`whatever is typed into ${what} is taken, or refused in words beside it`, async ({ open }) => {
    const page = await open(link);
    await page.getByRole("form", { name: "Controls" }).waitFor();
    const tried = await page.evaluate(async (texts) => {
      const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const fields = () => [...document.querySelectorAll(".lab input.field:not(:disabled)")].filter((it) => it.offsetParent);
      const tried = [];
      const start = location.hash;
      for (let idx = 0; idx < fields().length; idx += 1) {
        for (const text of texts) {
          const field = fields()[idx];
          const name = `“${text}” as ${field.getAttribute("aria-label")}`;
          field.value = text;
          field.dispatchEvent(new Event("change", { bubbles: true }));
          await frames();
          const invalid = field.getAttribute("aria-invalid") === "true";
          const messages = [...document.querySelectorAll(".message--error")].filter((it) => it.offsetParent);
          const [above, below] = [field, messages[0] ?? field].map((it) => it.getBoundingClientRect());
          tried.push({ name, text, value: field.value, invalid, messages: messages.map((it) => it.innerText.trim()),
            gap: Math.abs(below.top - above.bottom), sentence: document.querySelector(".stage-head__long").textContent });
          // Another link in between: nothing refused stays.
          location.hash = "#/lab";
          await frames();
          location.hash = start;
          await frames();
        }
      }
      return tried;
    }, ["0", "-1", "2.5", "abc", "", "17", "99999999999999999999"]);
    assert.ok(tried.length >= 63, `only ${tried.length} tries`);
    assert.ok(tried.filter(({ invalid }) => invalid).length > 40);
    for (const { name, text, value, invalid, messages, gap, sentence } of tried) {
      assert.ok(sentence.length > 10, name);
      assert.equal(messages.length, invalid ? 1 : 0, `${name}: ${messages}`);
      if (invalid) {
        assert.equal(value, text, name);
        assert.ok(messages[0].length >= 10 && gap < 40, `${name}: “${messages[0]}”, ${gap} pixels away`);
      } else {
        assert.equal(Number(value.replace("−", "-")), Number(text), name);
      }
    }
  });
}

app.test("links that ask for what cannot be open something near, and say so", async ({ open }) => {
  const page = await open();
  const wrong = { n: "0", c: "513", f: "0", g: "3", k: "99", s: "0", d: "500", p: "-1", m: "mirror", q: "9", ceil: "2",
    div: "0", e: "0", b: "abc", a: "gelu", batch: "0", type: "int4", view: "side", step: "0", x: "photo-none", w: "blur" };
  const silent = await page.evaluate(async (wrong) => {
    const silent = [];
    for (const operation of ["conv", "transposed", "max", "average", "lp"]) {
      for (const [key, value] of Object.entries(wrong)) {
        const link = `#/lab?o=${operation}&${key === "c" || key === "g" ? "f=4&" : "c=4&"}${key}=${value}`;
        location.hash = link;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
        const notices = document.querySelectorAll(".notices li").length;
        const said = document.querySelector(".stage-head__long").textContent;
        if (notices === 0 || said.length < 10) {
          silent.push(link);
        }
      }
    }
    return silent;
  }, wrong);
  // What an operation has not is passed over.
  const passed = (link) => /o=(conv|max|average|lp)&.*&q=/.test(link) || /o=(max|average|lp)&.*&g=/.test(link);
  assert.deepEqual(silent.filter((link) => !passed(link)), []);
});

app.test("a message below the edge of the panel is scrolled into sight", async ({ open }) => {
  const page = await open("", { viewport: { width: 1280, height: 640 } });
  await field(page, "Right padding").scrollIntoViewIfNeeded();
  // The last row of fields stands at the panel's very end.
  await page.getByRole("form", { name: "Controls" }).evaluate((panel) => { panel.scrollTop -= 60; });
  await type(page, "Right padding", "500");
  const message = page.locator(".message--error");
  await message.waitFor();
  await becomes(() => message.evaluate((it) => it.getBoundingClientRect().bottom <= innerHeight), true);
});
