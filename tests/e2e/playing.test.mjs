// Playing, stepping and scrubbing, with the pointer and with keys.

import assert from "node:assert/strict";

import { start } from "./page.mjs";
import { announced, assertStill, becomes, painted, says, watchShifts } from "./lab.mjs";

const app = await start();

const steps = (page) => page.getByRole("region", { name: "Steps" });
const button = (page, name) => steps(page).getByRole("button", { name, exact: true });
const scrubber = (page) => page.getByRole("slider", { name: "Step", exact: true });
const step = async (page) => Number(await scrubber(page).inputValue());
const speed = (page) => page.getByRole("combobox", { name: "Speed" });
const speedLabel = (page) => speed(page).evaluate((select) => select.selectedOptions[0].label);

app.test("the buttons go to the first, previous, next and last step", async ({ open }) => {
  const page = await open();
  assert.equal(await step(page), 5);
  for (const [name, expected] of [
    ["Forward one step", 6], ["Back one step", 5], ["Back one step", 4], ["Last step", 9], ["First step", 1],
  ]) {
    await button(page, name).click();
    await becomes(() => step(page), expected);
    await says(steps(page), new RegExp(`Step ${expected} of 9`));
  }
  assert.ok(await button(page, "First step").isDisabled());
  assert.ok(await button(page, "Back one step").isDisabled());
  await button(page, "Last step").click();
  assert.ok(await button(page, "Last step").isDisabled());
  assert.ok(await button(page, "Forward one step").isDisabled());
});

app.test("each step is announced with its place and its value", async ({ open }) => {
  const page = await open();
  await says(announced(page), /^Step 5 of 9, output row 1 column 1, 28$/);
  await page.keyboard.press("Home");
  await says(announced(page), /^Step 1 of 9, output row 0 column 0, 3$/);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await says(announced(page), /^Step 3 of 9, output row 0 column 2, −21$/);
});

app.test("keys move through the steps", async ({ open }) => {
  const page = await open();
  for (const [key, expected] of [
    ["ArrowRight", 6], ["ArrowLeft", 5], ["ArrowUp", 2], ["ArrowUp", 2], ["ArrowDown", 5], ["ArrowDown", 8],
    ["ArrowDown", 8], ["End", 9], ["ArrowRight", 9], ["Home", 1], ["ArrowLeft", 1],
  ]) {
    await page.keyboard.press(key);
    await becomes(() => step(page), expected);
  }
});

app.test("Space plays and pauses, and the brackets set the speed", async ({ open }) => {
  const page = await open();
  const labels = ["2×", "4×", "8×", "Sweep", "Sweep", "8×", "4×", "2×", "1×", "0.5×", "0.5×"];
  for (const [index, label] of labels.entries()) {
    await page.keyboard.press(index < 5 ? "]" : "[");
    await becomes(() => speedLabel(page), label);
  }
  await page.keyboard.press("]");
  await page.keyboard.press("Space");
  await button(page, "Pause").waitFor();
  await becomes(async () => (await step(page)) > 5, true);
  await page.keyboard.press("Space");
  await button(page, "Play").waitFor();
  const at = await step(page);
  await says(announced(page), new RegExp(`^Step ${at} of 9`));
});

app.test("playing ends at the last step, and starts over from there", async ({ open }) => {
  const page = await open();
  await speed(page).selectOption({ label: "8×" });
  await button(page, "Play").click();
  await button(page, "Pause").waitFor();
  await button(page, "Play").waitFor();
  assert.equal(await step(page), 9);
  await speed(page).selectOption({ label: "1×" });
  await button(page, "Play").click();
  await becomes(async () => (await step(page)) < 4, true);
  await button(page, "Pause").click();
});

app.test("a faster speed takes less time", async ({ open }) => {
  const page = await open("#/lab?step=1");
  const seconds = async (label) => {
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("Home");
    await speed(page).selectOption({ label });
    const before = Date.now();
    await button(page, "Play").click();
    await becomes(() => step(page), 4);
    await button(page, "Pause").click();
    return (Date.now() - before) / 1000;
  };
  const [normal, double] = [await seconds("1×"), await seconds("2×")];
  assert.ok(normal > 1.2 && normal < 4, `${normal} s at 1×`);
  assert.ok(double < normal * 0.8, `${double} s at 2×, ${normal} s at 1×`);
});

app.test("Sweep shows the whole map within ten seconds", async ({ open }) => {
  const page = await open("#/lab?n=32&s=1&step=1");
  await speed(page).selectOption({ label: "Sweep" });
  const before = Date.now();
  await button(page, "Play").click();
  await button(page, "Pause").waitFor();
  await button(page, "Play").waitFor({ timeout: 15_000 });
  const seconds = (Date.now() - before) / 1000;
  assert.ok(seconds < 11.5, `${seconds} s`);
  assert.equal(await step(page), 1024);
});

app.test("the scrubber goes straight to a step, with the pointer and with keys", async ({ open }) => {
  const page = await open();
  const box = await scrubber(page).boundingBox();
  await page.mouse.click(box.x + box.width - 2, box.y + box.height / 2);
  await becomes(() => step(page), 9);
  await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 2, box.y + box.height / 2, { steps: 8 });
  await page.mouse.up();
  await becomes(() => step(page), 1);
  await scrubber(page).press("ArrowRight");
  await becomes(() => step(page), 2);
  assert.match(await scrubber(page).getAttribute("aria-valuetext"), /^Step 2 of 9$/);
});

app.test("scrubbing while it plays rests at the chosen step", async ({ open }) => {
  const page = await open("#/lab?n=16&s=1&step=1");
  await button(page, "Play").click();
  await button(page, "Pause").waitFor();
  await scrubber(page).fill("100");
  await button(page, "Play").waitFor();
  assert.equal(await step(page), 100);
});

app.test("nothing moves on the page while the figure plays", async ({ open }) => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    const page = await open("#/lab?step=1", { viewport, before: watchShifts });
    const first = await painted(page);
    await page.getByRole("button", { name: "Play" }).click();
    await becomes(async () => (await painted(page)) !== first, true);
    await becomes(() => step(page), 4);
    await page.getByRole("button", { name: "Pause" }).click();
    await assertStill(page);
  }
});

/** The pixels of the figure. */
/** The levels of the canvas, sent as text: millions of numbers take the browser seconds. */
const pixels = async (page) => Buffer.from(await page.evaluate(() => {
  const canvas = document.querySelector("canvas");
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const levels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
  const parts = [];
  for (let at = 0; at < levels.length; at += 32768) {
    parts.push(String.fromCharCode(...levels.subarray(at, at + 32768)));
  }
  return btoa(parts.join(""));
}), "base64");

app.test("what was painted piece by piece while playing is the picture that a link opens", async ({ open }) => {
  for (const [link, label] of [
    ["#/lab?n=64x64&x=random-1", "4×"], ["#/lab?n=64x64&x=random-1", "Sweep"],
    ["#/lab?x=photo-chelsea&k=7&p=3&b=none", "Sweep"], ["#/lab?n=9&s=1&step=1", "8×"],
    ["#/lab?n=20&s=1&k=5&step=1", "Sweep"],
  ]) {
    const page = await open(link);
    await speed(page).selectOption({ label });
    await button(page, "Play").click();
    await page.waitForTimeout(1500);
    await button(page, "Pause").click();
    await button(page, "Play").waitFor();
    const at = await step(page);
    const fresh = await open(`${link.replace(/&step=\d+/, "")}&step=${at}`);
    const [played, same] = [await pixels(page), `${link} at ${label}, step ${at}`];
    // A photograph comes after the first picture.
    await becomes(async () => {
      const opened = await pixels(fresh);
      // Clipped edges are rounded otherwise, mostly by a level or two.
      const n_other = played.filter((level, index) => Math.abs(level - opened[index]) > 16).length;
      return played.length === opened.length && n_other <= 20 ? same : `${n_other} levels differ`;
    }, same);
  }
});

/** How many different pictures the figure shows while it goes from step 1 to step 3. */
async function pictures(page) {
  await button(page, "Play").click();
  return page.evaluate(() => new Promise((done) => {
    const seen = new Set();
    const canvas = document.querySelector("canvas");
    const range = document.querySelector("input[aria-label=Step]");
    const frame = () => {
      seen.add(canvas.toDataURL());
      if (Number(range.value) < 3) {
        requestAnimationFrame(frame);
      } else {
        done(seen.size);
      }
    };
    requestAnimationFrame(frame);
  }));
}

app.test("the window glides from step to step", async ({ open }) => {
  const page = await open("#/lab?step=1");
  assert.ok(await pictures(page) > 8);
});

app.test("with reduced motion nothing plays by itself, and Play steps without gliding", async ({ open }) => {
  const page = await open("#/lab?step=1", { reducedMotion: true });
  await button(page, "Play").waitFor();
  const still = await painted(page);
  await page.waitForTimeout(1000);
  assert.equal(await painted(page), still);
  const shown = await pictures(page);
  assert.ok(shown <= 4, `${shown} pictures for 2 steps`);
  await button(page, "Pause").click();
});

app.test("a hidden tab stands still and goes on when it is seen again", async ({ open }) => {
  const page = await open("#/lab?n=16&s=1&step=1");
  const hide = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (hidden ? "hidden" : "visible") });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await speed(page).selectOption({ label: "2×" });
  await button(page, "Play").click();
  await becomes(async () => (await step(page)) > 2, true);
  await hide(true);
  await page.waitForTimeout(300);
  const at = await step(page);
  await page.waitForTimeout(1500);
  assert.equal(await step(page), at);
  await hide(false);
  await becomes(async () => (await step(page)) > at, true);
  // Not by as much as went by unseen.
  assert.ok((await step(page)) < at + 4);
});
