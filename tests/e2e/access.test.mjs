// Everyone can use it: axe finds nothing, keys reach every control in the order of the page, the
// focus is seen, forced colours keep what matters.

import assert from "node:assert/strict";

import { axe, start } from "./page.mjs";
import { becomes, middle, painted, type } from "./lab.mjs";

const app = await start();

const PHONE = { width: 360, height: 720 };
const SITUATIONS = [
  ["the lab", "", {}],
  ["the lab in the dark", "", { theme: "dark" }],
  ["the lab on a phone", "", { viewport: PHONE, hasTouch: true }],
  ["the lab on a tablet in the dark", "", { viewport: { width: 768, height: 1024 }, theme: "dark" }],
  ["unread cells", "#/lab?n=6&x=random-1&b=none", {}],
  ["a large input", "#/lab?n=64&x=random-1", {}],
  ["a photograph", "#/lab?x=photo-coffee&step=100", {}],
  ["a photograph in the dark", "#/lab?x=photo-coffee&step=100", { theme: "dark" }],
  ["the notices of a broken link", "#/lab?n=0&s=0&colour=blue", {}],
  ["the stack", "#/stack", {}],
  ["the stack in the dark", "#/stack?net=course-padded&unit=1,4", { theme: "dark" }],
  ["the stack on a phone", "#/stack", { viewport: PHONE, hasTouch: true }],
  ["the stack on a tablet", "#/stack?net=resnet-18", { viewport: { width: 1000, height: 800 } }],
  ["branches", "#/stack?net=densenet-121", {}],
  ["an impossible layer", "#/stack?l=i1x3x14x14.c8k3.c8k20.r.c8k3", {}],
  ["an embed", "#/embed/lab", { viewport: { width: 600, height: 420 } }],
  ["a small embed in the dark", "#/embed/lab", { viewport: { width: 320, height: 300 }, theme: "dark" }],
];
for (const [what, link, options] of SITUATIONS) {
  app.test(`axe finds nothing on ${what}`, async ({ open }) => {
    const page = await open(link, options);
    assert.deepEqual(await axe(page), []);
  });
}

for (const theme of ["light", "dark"]) {
  app.test(`axe finds nothing on refused numbers (${theme})`, async ({ open }) => {
    const page = await open("", { theme });
    await type(page, "Size, number", "9");
    await type(page, "Bias, number", "abc");
    await page.getByText("“abc” is not a number").waitFor();
    assert.deepEqual(await axe(page), []);
    await page.shot(`refused ${theme}`);
  });
}

app.test("axe finds nothing on open menus, dialogs, tabs and what is pinned", async ({ open }) => {
  const page = await open();
  await page.getByRole("button", { name: "Share" }).click();
  assert.deepEqual(await axe(page), [], "menu");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Keys" }).click();
  assert.deepEqual(await axe(page), [], "dialog");
  await page.keyboard.press("Escape");
  for (const [kind, row, column] of [["Input", 1, 3], ["Weight", 0, 0], ["Output", 2, 2]]) {
    await page.mouse.click(...await middle(page, kind, row, column));
    assert.deepEqual(await axe(page), [], `pinned ${kind}`);
  }
  for (const tab of ["Draw", "Camera", "Photo"]) {
    await page.getByRole("radio", { name: tab }).click();
    assert.deepEqual(await axe(page), [], tab);
  }
  await page.getByRole("radio", { name: "Numbers" }).click();
  await page.mouse.dblclick(...await middle(page, "Weight", 1, 1));
  assert.deepEqual(await axe(page), [], "editing");
});

/** What has the focus: its name, where it is, and whether its style has a ring. */
const focus = (page) => page.evaluate(() => {
  const element = document.activeElement;
  if (!element || element === document.body) {
    return null;
  }
  // The range of the scrubber lets a thumb beside it show the ring.
  const ringed = [element, ...(element.parentElement?.children ?? [])].some((it) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(it);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
  });
  const { x, y, width, height } = element.getBoundingClientRect();
  const region = element.closest("header, form, [aria-label=Cell], [aria-label=Figure], [aria-label=Arithmetic]");
  return {
    name: element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent?.trim() ?? element.textContent.trim(),
    role: element.getAttribute("role") ?? element.type ?? element.tagName.toLowerCase(),
    region: region?.getAttribute("aria-label") ?? region?.tagName,
    place: [x, y, width, height],
    ringed,
  };
});

/** Whether what has the focus looks different without it; for rings on parts that have no style to ask for. */
async function looksFocused(page, [x, y, width, height]) {
  const clip = { x: Math.max(0, x - 6), y: Math.max(0, y - 6), width: width + 12, height: height + 12 };
  const focused = await page.screenshot({ clip });
  const element = await page.evaluateHandle(() => document.activeElement);
  await element.evaluate((it) => it.blur());
  const plain = await page.screenshot({ clip });
  await element.evaluate((it) => it.focus({ focusVisible: true }));
  return !focused.equals(plain);
}

/** Every tab stop of the page, from its first to its last. */
async function tabStops(page) {
  const stops = [];
  for (let n = 0; n < 100; n += 1) {
    await page.keyboard.press("Tab");
    const stop = await focus(page);
    if (!stop) {
      return stops;
    }
    stop.ringed ||= await looksFocused(page, stop.place);
    stops.push(stop);
  }
  return assert.fail("the focus is caught");
}

app.test("Tab reaches every control in the order of the page, and the focus is seen", async ({ open }) => {
  const page = await open();
  const stops = await tabStops(page);
  const names = stops.map(({ name }) => name);
  for (const name of [
    "Share", "Keys", "Theme", "Example", "Numbers", "New random numbers", "H × W: link height and width", "H × W",
    "H × W, number", "Weights", "New random weights", "Size", "Size, number", "Stride", "Stride, number", "Dilation",
    "Use a bias", "Bias", "Bias, number", "What stands in the padding", "Custom", "Top padding", "Back one step", "Play",
    "Forward one step", "Step", "Speed", "Formula in",
  ]) {
    assert.ok(names.includes(name), `${name} is not among ${names.join(", ")}`);
  }
  assert.deepEqual(stops.filter(({ ringed }) => !ringed).map(({ name }) => name), []);
  assert.deepEqual(stops.filter(({ place: [, , width, height] }) => width < 1 || height < 1).map(({ name }) => name), []);
  assert.deepEqual(stops.filter(({ name }) => !name), []);
  // Regions are walked through one after the other.
  const regions = stops.map(({ region }) => region).filter((it, index, all) => it !== all[index - 1]);
  assert.deepEqual(regions, ["HEADER", "Controls", "Figure", "Arithmetic", "Cell"]);
  // One stop for each grid, between the sentence and the transport.
  const kinds = names.filter((name) => /^(Input|Padding|Weight|Output) row/.test(name)).map((name) => name.split(" ")[0]);
  assert.equal(kinds.length, 3);
  assert.deepEqual(kinds.slice(1), ["Weight", "Output"]);
  assert.ok(names.indexOf("Play") > names.findIndex((name) => name.startsWith("Output row")));
});

app.test("the whole journey works by keys alone", async ({ open }) => {
  const page = await open();
  const to = async (name) => {
    for (let n = 0; n < 80; n += 1) {
      if ((await focus(page))?.name === name) {
        return;
      }
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab never reaches ${name}`);
  };
  const heading = () => page.getByRole("heading", { level: 1 }).innerText();
  const ends = (text) => becomes(async () => (await heading()).endsWith(text) || heading(), true);
  await to("Example");
  // Typed letters choose from a list.
  await page.keyboard.type("Dil");
  await ends("turns 7 × 7 into 3 × 3");
  await to("Stride");
  await page.keyboard.press("ArrowRight");
  await ends("stride 2, dilation 2, no padding, turns 7 × 7 into 2 × 2");
  await to("Custom");
  await page.keyboard.press("ArrowLeft");
  await ends("turns 7 × 7 into 6 × 6");
  await page.keyboard.press("Control+z");
  await ends("no padding, turns 7 × 7 into 2 × 2");
  await to("Play");
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Play" }).waitFor();
  await page.keyboard.press("End");
  await becomes(() => page.getByRole("slider", { name: "Step", exact: true }).inputValue(), "4");
});

app.test("arrows choose in a row of choices, and the focus goes with them", async ({ open }) => {
  const page = await open();
  await page.getByRole("radio", { name: "Custom" }).focus();
  await page.keyboard.press("ArrowRight");
  await becomes(() => page.getByRole("radio", { name: "Valid" }).isChecked(), true);
  assert.equal((await focus(page)).name, "Valid");
  await page.keyboard.press("ArrowLeft");
  assert.equal((await focus(page)).name, "Custom");
});

for (const theme of ["light", "dark"]) {
  app.test(`forced colours keep the figure and its marks (${theme})`, async ({ open }) => {
    const page = await open("#/lab?n=6&x=random-1&b=none", { forcedColors: true, theme });
    const before = await painted(page);
    await page.keyboard.press("End");
    await becomes(async () => (await painted(page)) !== before, true);
    const colours = await page.locator("canvas").evaluate((canvas) => {
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
    assert.ok(colours >= 3, `${colours} colours`);
    await page.shot(`forced colours ${theme}`);
  });
}

app.test("the theme follows the system, and the figure with it", async ({ open }) => {
  const page = await open();
  const light = await painted(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await becomes(async () => (await painted(page)) !== light, true);
  await page.shot("lab-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await becomes(() => painted(page), light);
});

app.test("text twice as large leaves everything in reach", async ({ open }) => {
  // 200 % of 1280 pixels.
  const page = await open("", { viewport: { width: 640, height: 400 }, scale: 2 });
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  assert.equal(wide, 640);
  await page.getByRole("button", { name: "Controls", exact: true }).click();
  await page.getByRole("combobox", { name: "Example" }).click();
  await page.getByRole("button", { name: "Play" }).scrollIntoViewIfNeeded();
});
