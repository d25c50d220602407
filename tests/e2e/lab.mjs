// What the tests of the lab share: how to read the page as a reader does, and a convolution that
// shares nothing with the app.

import assert from "node:assert/strict";

const MINUS = "\u2212";

/** The sentence above the figure, whichever of its two lengths is seen. */
export async function sentence(page) {
  return (await page.getByRole("heading", { level: 1 }).innerText()).trim();
}

/** What a screen reader was told about the current step. */
export function announced(page) {
  return page.getByRole("region", { name: "Steps" }).getByRole("status");
}

/** Waits until `read()` gives `expected`. */
export async function becomes(read, expected, { within = 5000 } = {}) {
  const until = Date.now() + within;
  let got;
  for (;;) {
    got = await read();
    try {
      assert.deepEqual(got, expected);
      return;
    } catch (error) {
      if (Date.now() > until) {
        throw error;
      }
    }
    await new Promise((done) => setTimeout(done, 30));
  }
}

/** Waits until the locator's text matches. */
export async function says(locator, pattern) {
  await becomes(async () => {
    const text = (await locator.allInnerTexts()).join(" / ");
    return pattern.test(text) || `${pattern} is not in: ${text.replace(/\s+/g, " ").slice(0, 600)}`;
  }, true);
}

/** The cells of a grid as rows of numbers. */
export async function numbersOf(page, grid) {
  const names = await page.getByRole("grid", { name: grid, exact: true }).evaluate((element) =>
    [...element.querySelectorAll("[role=row]")].map((row) =>
      [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.getAttribute("aria-label"))));
  return names.map((row) => row.map((name) => Number(name.split(": ")[1].replace(MINUS, "-"))));
}

export const INPUT = "Input, padding included";

/** A cell of a grid: `cell(page, "Output", 1, 1)`. */
export function cell(page, kind, row, column) {
  const at = [row, column].map((n) => String(n).replace("-", MINUS));
  return page.getByRole("gridcell", { name: `${kind} row ${at[0]}, column ${at[1]}:` });
}

/** The middle of a cell of the figure, in pixels of the window. */
export async function middle(page, kind, row, column) {
  const box = await cell(page, kind, row, column).boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Chooses a preset by its name. */
export async function choosePreset(page, label) {
  await page.getByRole("combobox", { name: "Example" }).selectOption({ label });
}

/** A control's number field. */
export function field(page, name) {
  return page.getByRole("textbox", { name, exact: true });
}

/** Types a text into a field and leaves it. */
export async function type(page, name, text) {
  await field(page, name).fill(text);
  await field(page, name).press("Tab");
}

/** The inspector's heading, place and text. */
export function inspector(page) {
  return page.getByRole("complementary", { name: "Cell" });
}

/** A hash of all that the figure's canvas shows. */
export function painted(page) {
  return page.locator("canvas").first().evaluate((canvas) => {
    let hash = 0;
    for (const letter of canvas.toDataURL()) {
      hash = (hash * 31 + letter.charCodeAt(0)) | 0;
    }
    return hash;
  });
}

/** Collects layout shifts from the page's first moment on; for the option `before`. */
export async function watchShifts(page) {
  await page.addInitScript(() => {
    globalThis.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const name = ({ node }) => (node?.className ? `.${node.className}` : node?.nodeName ?? "?");
        globalThis.layoutShifts.push({ value: entry.value, of: entry.sources.map(name).join(" ") });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** The sum of all layout shifts, whether or not somebody had just pressed a key. */
export async function shifted(page) {
  // Shifts are reported after the frame in which they happened.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const shifts = await page.evaluate(() => globalThis.layoutShifts);
  return { sum: shifts.reduce((sum, { value }) => sum + value, 0), of: shifts.map(({ of }) => of) };
}

export async function assertStill(page) {
  const { sum, of } = await shifted(page);
  assert.ok(sum < 0.001, `layout shifted by ${sum}: ${of.join(", ")}`);
}

/** How a position beyond either end of a line is filled. */
const SOURCES = {
  zeros: (at, len) => (at < 0 || at >= len ? null : at),
  replicate: (at, len) => Math.min(Math.max(at, 0), len - 1),
  circular: (at, len) => (at + len) % len,
  reflect: (at, len) => (at < 0 ? -at : at >= len ? 2 * (len - 1) - at : at),
};

/** The padded input, `pads` as top, left, bottom, right. */
export function padInput(input, [top, left, bottom, right], mode) {
  const [height, width] = [input.length, input[0].length];
  const line = (before, len, after) => Array.from({ length: before + len + after }, (_, i) => SOURCES[mode](i - before, len));
  return line(top, height, bottom).map((y) =>
    line(left, width, right).map((x) => (y === null || x === null ? 0 : input[y][x])));
}

/** A convolution as deep learning has it: the kernel is not flipped. */
export function convolve(padded, weight, [strideY, strideX], [dilationY, dilationX], bias) {
  const output = [];
  for (let top = 0; top + dilationY * (weight.length - 1) < padded.length; top += strideY) {
    const row = [];
    for (let left = 0; left + dilationX * (weight[0].length - 1) < padded[0].length; left += strideX) {
      let sum = bias;
      weight.forEach((weights, y) => weights.forEach((w, x) => {
        sum += w * padded[top + dilationY * y][left + dilationX * x];
      }));
      row.push(sum);
    }
    output.push(row);
  }
  return output;
}

/** Random whole numbers from a seed (mulberry32). */
export function randomWhole(seed) {
  let state = seed;
  return (low, high) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return low + (((mixed ^ (mixed >>> 14)) >>> 0) % (high - low + 1));
  };
}
