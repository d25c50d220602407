// The live filter: photographs and the camera through the current kernel, in a worker.

import assert from "node:assert/strict";

import { axe, start } from "./page.mjs";
import { becomes, convolve, padInput, says, sentence, type } from "./lab.mjs";

const app = await start({ cameraAllowed: true });

const live = (page) => page.getByRole("region", { name: "Live filter" });
const output = (page) => live(page).getByRole("img", { name: "The filtered picture" });
const pictureSwitch = (page) => page.getByRole("switch", { name: "Whole picture through the kernel, in colour" });
const cameraSwitch = (page) => page.getByRole("switch", { name: "Live through the kernel, in colour" });

/** What a page sends of pixels: as base64, because a list of millions of numbers takes seconds. */
const received = ({ width, height, text }) => ({ width, height, data: Buffer.from(text, "base64") });

/** The pixels of a canvas or video. */
const pixels = async (locator) => received(await locator.evaluate(async (it) => {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [it.videoWidth ?? it.width, it.videoHeight ?? it.height];
  const context = copy.getContext("2d");
  context.drawImage(it, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, copy.width, copy.height);
  return { width, height, text: new Uint8Array(data.buffer).toBase64() };
}));

/** A photograph of the page as the browser decodes it. */
const photograph = async (page, name) => received(await page.evaluate(async (name) => {
  const response = await fetch(`photos/${name}.webp`);
  const bitmap = await createImageBitmap(await response.blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, text: new Uint8Array(data.buffer).toBase64() };
}, name));

/** The frame that a video stands at, as the browser copies it. */
const frame = async (locator) => received(await locator.evaluate(async (it) => {
  const frame = new VideoFrame(it);
  const data = new Uint8Array(frame.allocationSize({ format: "RGBA" }));
  await frame.copyTo(data, { format: "RGBA" });
  frame.close();
  return { width: it.videoWidth, height: it.videoHeight, text: data.toBase64() };
}));

/** What a kernel makes of a picture, colour by colour, as numbers that are not rounded yet. */
function filtered({ width, height, data }, { weight, stride, pads, mode, bias = 0, magnitude }) {
  const colours = [0, 1, 2].map((colour) => {
    const plane = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => data[4 * (y * width + x) + colour] / 255));
    return convolve(padInput(plane, pads, mode), weight, stride, [1, 1], bias);
  });
  const shown = (value) => Math.min(Math.max((magnitude ? Math.abs(value) : value) * 255, 0), 255);
  return { width: colours[0][0].length, height: colours[0].length, colours: colours.map((rows) => rows.flat().map(shown)) };
}

/** Fails unless each byte is the nearest to what was expected. */
function assertSame(seen, expected) {
  assert.deepEqual([seen.width, seen.height], [expected.width, expected.height]);
  let different = 0;
  expected.colours.forEach((plane, colour) => plane.forEach((value, i) => {
    if (Math.abs(seen.data[4 * i + colour] - value) > 0.502) {
      different += 1;
    }
  }));
  assert.equal(different, 0, `${different} bytes differ of ${expected.width * expected.height * 3}`);
}

/** Waits until that is what the page shows. */
const shows = (page, expected) => becomes(async () => {
  try {
    assertSame(await pixels(output(page)), expected);
    return true;
  } catch (error) {
    return error.message;
  }
}, true, { within: 10_000 });

const IDENTITY = [[0, 0, 0], [0, 1, 0], [0, 0, 0]];
const SOBEL_X = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]];
const GAUSSIAN = [[1, 2, 1], [2, 4, 2], [1, 2, 1]].map((row) => row.map((weight) => weight / 16));
/** A 3 x 3 kernel that keeps the size. */
const same = (weight) => ({ weight, stride: [1, 1], pads: [1, 1, 1, 1], mode: "zeros" });
const filteredPicture = async (page) => {
  await says(live(page), /pixels become/);
  return pixels(output(page));
};

app.test("a photograph is shown exactly as its convolution in colour", async ({ open }) => {
  const page = await open("#/lab?x=photo-chelsea&w=sobel-x&s=2x1&p=1,0,2,1&m=replicate&b=none");
  await pictureSwitch(page).click();
  const seen = await filteredPicture(page);
  // What belongs to the figure is gone with it.
  assert.equal(await page.getByRole("region", { name: "Steps" }).isVisible(), false);
  const photo = await photograph(page, "chelsea");
  assertSame(seen, filtered(photo, { weight: SOBEL_X, stride: [2, 1], pads: [1, 0, 2, 1], mode: "replicate", magnitude: true }));
  await says(live(page), /ms in the kernel/);
  await says(live(page), /shown by their size/);
  await page.shot("live-photo");
  assert.deepEqual(await axe(page), []);
  await live(page).getByRole("button", { name: "Stop" }).click();
  await becomes(() => live(page).count(), 0);
  assert.ok(await page.getByRole("button", { name: "Play" }).isVisible());
});

app.test("an edit of a weight, a bias and another photograph change what is shown", async ({ open }) => {
  const page = await open("#/lab?x=photo-coffee&w=identity&s=1&b=none");
  await pictureSwitch(page).click();
  assertSame(await filteredPicture(page), filtered(await photograph(page, "coffee"), same(IDENTITY)));
  const weight = page.getByRole("textbox", { name: "Weight row 1, column 1" });
  await weight.fill("0.5");
  await weight.press("Tab");
  // The focus goes on to the next weight, not away.
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Weight row 1, column 2");
  const half = same([[0, 0, 0], [0, 0.5, 0], [0, 0, 0]]);
  const coffee = await photograph(page, "coffee");
  await shows(page, filtered(coffee, half));
  await page.getByRole("switch", { name: "Use a bias" }).click();
  await says(live(page), /A bias of 1 moves most of the picture to white/);
  await type(page, "Bias, number", "0.25");
  await shows(page, filtered(coffee, { ...half, bias: 0.25 }));
  await page.getByRole("combobox", { name: "Photograph" }).selectOption({ label: "Rocket" });
  await shows(page, filtered(await photograph(page, "rocket"), { ...half, bias: 0.25 }));
  await type(page, "Bias, number", "2");
  await page.getByRole("button", { name: "Leave the bias out" }).click();
  await shows(page, filtered(await photograph(page, "rocket"), half));
});

app.test("the camera runs through the kernel until it is stopped", async ({ open }) => {
  const page = await open("#/lab?w=gaussian&s=1&b=none", { permissions: ["camera"] });
  await page.getByRole("radio", { name: "Camera" }).click();
  await cameraSwitch(page).click();
  await says(live(page), /720 × 1280 pixels become 720 × 1280/);
  await becomes(async () => /\d+ frames a second, [\d.]+ ms each; [\d.]+ ms in the kernel/.test(await live(page).innerText()), true);
  await page.shot("live-camera");
  assert.deepEqual(await axe(page), []);
  // Frozen, so that what went in can be compared with what came out, byte by byte.
  await live(page).getByRole("button", { name: "Pause" }).click();
  const video = page.locator("video.live__input");
  await becomes(() => video.evaluate((it) => it.paused), true);
  await shows(page, filtered(await frame(video), same(GAUSSIAN)));
  const frozen = await pixels(output(page));
  await page.waitForTimeout(300);
  assert.deepEqual(await pixels(output(page)), frozen);
  await live(page).getByRole("button", { name: "Go on" }).click();
  await becomes(async () => (await pixels(output(page))).data.equals(frozen.data), false);
  const stream = await video.evaluateHandle((it) => it.srcObject);
  await page.keyboard.press("Escape");
  await becomes(() => live(page).count(), 0);
  assert.deepEqual(await stream.evaluate((it) => it.getTracks().map((track) => track.readyState)), ["ended"]);
});

app.test("with reduced motion the camera shows one picture, and moves when asked to", async ({ open }) => {
  const page = await open("#/lab?w=identity&s=1&b=none", { permissions: ["camera"], reducedMotion: true });
  await page.getByRole("radio", { name: "Camera" }).click();
  await cameraSwitch(page).click();
  await says(live(page), /pixels become/);
  const first = await pixels(output(page));
  await page.waitForTimeout(500);
  assert.deepEqual(await pixels(output(page)), first);
  await live(page).getByRole("button", { name: "Go on" }).click();
  await becomes(async () => (await pixels(output(page))).data.equals(first.data), false);
});

app.test("an answer that comes late is not shown", async ({ open }) => {
  const before = (page) => page.addInitScript(() => {
    globalThis.Worker = class extends Worker {
      constructor(...args) {
        super(...args);
        globalThis.answers = [];
        this.addEventListener("message", ({ data }) => globalThis.answers.push({ worker: this, data }));
      }
    };
  });
  const page = await open("#/lab?x=photo-camera&w=sobel-x&s=1&b=none", { before });
  await pictureSwitch(page).click();
  await filteredPicture(page);
  await page.getByRole("combobox", { name: "Weights" }).selectOption({ label: "Identity" });
  const expected = filtered(await photograph(page, "camera"), same(IDENTITY));
  await shows(page, expected);
  // The first answer once more, all black.
  await page.evaluate(() => {
    const { worker, data: [numbers, rgba] } = globalThis.answers.find(({ data }) => data.length === 2);
    worker.dispatchEvent(new MessageEvent("message", { data: [numbers, new Uint8Array(rgba.length)] }));
  });
  assertSame(await pixels(output(page)), expected);
});

app.test("a worker that is killed is started again, and nothing is lost", async ({ open }) => {
  const page = await open("#/lab?x=photo-camera&w=sobel-x&s=1&b=none", { allow: [/killed/] });
  await pictureSwitch(page).click();
  await filteredPicture(page);
  assert.equal(page.workers().length, 1);
  // Dies with the next message, which is the request for the next picture.
  await page.workers()[0].evaluate(() => {
    self.onmessage = () => { throw new Error("killed"); };
  });
  await page.getByRole("combobox", { name: "Weights" }).selectOption({ label: "Identity" });
  await says(live(page), /The worker stopped and was started again; nothing is lost/);
  await shows(page, filtered(await photograph(page, "camera"), same(IDENTITY)));
});

app.test("a worker that does not arrive is asked for once more", async ({ open }) => {
  let refused = 0;
  const before = (page) => page.context().route("**/worker/**/*.wasm", async (route) => {
    refused += 1;
    await (refused === 1 ? route.fulfill({ status: 404, body: "" }) : route.continue());
  });
  const page = await open("#/lab?x=photo-camera&w=sobel-x&s=1&b=none", { before, allow: [/404/, /worker/] });
  await pictureSwitch(page).click();
  await filteredPicture(page);
  assert.equal(refused, 2);
});

app.test("a worker that never arrives is said in one sentence", async ({ open }) => {
  const before = (page) => page.context().route("**/worker/**", (route) => route.fulfill({ status: 404, body: "" }));
  const page = await open("#/lab?x=photo-camera&w=sobel-x&s=1&b=none", { before, allow: [/404/, /worker/] });
  await pictureSwitch(page).click();
  await says(live(page), /There is no picture: the worker stopped twice in a row/);
});

app.test("without workers the page itself does the same", async ({ open }) => {
  const before = (page) => page.addInitScript(() => { delete globalThis.Worker; });
  const page = await open("#/lab?x=photo-chelsea&w=sobel-x&s=1&b=none", { before });
  await pictureSwitch(page).click();
  const seen = await filteredPicture(page);
  const photo = await photograph(page, "chelsea");
  assertSame(seen, filtered(photo, { ...same(SOBEL_X), magnitude: true }));
  assert.equal(page.workers().length, 0);
});

app.test("without frames that can be handed over, the camera is read in the page", async ({ open }) => {
  const before = (page) => page.addInitScript(() => {
    delete globalThis.VideoFrame;
    delete globalThis.OffscreenCanvas;
    delete HTMLVideoElement.prototype.requestVideoFrameCallback;
  });
  const page = await open("#/lab?w=identity&s=1&b=none", { before, permissions: ["camera"] });
  await page.getByRole("radio", { name: "Camera" }).click();
  await cameraSwitch(page).click();
  await says(live(page), /frames a second/);
});

app.test("a picture that is smaller than the kernel says so", async ({ open }) => {
  const page = await open("#/lab?x=photo-camera&k=3&p=0&s=1&b=none");
  const line = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='1'/>";
  await page.getByLabel("Picture file").setInputFiles({ name: "line.svg", mimeType: "image/svg+xml", buffer: Buffer.from(line) });
  await becomes(async () => (await sentence(page)).includes("turns 1 × 40"), true);
  // The lab makes a picture as large as it is told; the live filter takes it as it came.
  await type(page, "Height, number", "64");
  await type(page, "Kernel height, number", "3");
  await pictureSwitch(page).click();
  await says(live(page), /There is no picture: the dilated kernel spans 3 cells, the padded input only 1\./);
  // Both sides are 3 by now, and linked.
  await type(page, "Size, number", "1");
  await says(live(page), /1 × 40 pixels become/);
});
