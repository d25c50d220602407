// Measures the live filter of the release build in headless Chromium: its fake camera at 1280 x 720 pixels and
// 60 frames a second, in colour. A frame's time goes from one picture on the canvas to the next.
//
//   node live-speed.mjs [--seconds N]

import { parseArgs } from "node:util";

import { DIST, appStarted, launch } from "./page.mjs";
import { serve } from "./server.mjs";
import { median, percentile, round } from "./statistics.mjs";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "10" } } });
const SECONDS = Number(values.seconds);
/** What a link says of each kernel; a bias would do for more work, but not for a picture. */
const LINKS = {
  "Sobel x, stride 1": "w=sobel-x&s=1",
  "Gaussian, stride 1": "w=gaussian&s=1",
  "Random 7 x 7, stride 1": "k=7&w=random-1&p=3&s=1",
  "Sobel x, stride 2": "w=sobel-x&s=2",
};
/** Pictures that are shown before the time is taken. */
const WARM_UP = 60;

const server = await serve(DIST);
const browser = await launch({ cameraAllowed: true, cameraRate: 60 });
let failed = false;
try {
  console.log(`${browser.browserType().name()} ${browser.version()}, camera at 1280 x 720, ${SECONDS} s each`);
  const rows = {};
  for (const [name, link] of Object.entries(LINKS)) {
    rows[name] = await measure(`#/lab?${link}&b=none`);
  }
  console.table(rows);
} catch (error) {
  failed = true;
  console.error(`live-speed: ${error.message}`);
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = failed ? 1 : 0;

async function measure(link) {
  const { shown, kernel, total, cameraRate } = await filterCamera(link);
  const frames = shown.slice(1).map((time, index) => time - shown[index]);
  return {
    "camera, frames/s": round(cameraRate, 1),
    "shown, frames/s": round(1000 * frames.length / (shown.at(-1) - shown[0]), 1),
    "frame median, ms": round(median(frames), 1),
    "frame 95th, ms": round(percentile(frames, 0.95), 1),
    "kernel median, ms": round(median(kernel), 1),
    "kernel 95th, ms": round(percentile(kernel, 0.95), 1),
    "in worker median, ms": round(median(total), 1),
  };
}

/** When pictures were shown, milliseconds inside the kernel and the worker, and the camera's own rate. */
async function filterCamera(link) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["camera"] });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.addInitScript(() => {
    const seen = { shown: [], kernel: [], total: [] };
    globalThis.liveSpeed = seen;
    const show = CanvasRenderingContext2D.prototype.putImageData;
    CanvasRenderingContext2D.prototype.putImageData = function (...args) {
      // Nothing else on the page has so many pixels.
      if (args[0].height >= 360) {
        seen.shown.push(performance.now());
      }
      show.apply(this, args);
    };
    // Of a filtered picture the kind is 3, and then come the times (crates/worker/src/parts.rs).
    globalThis.Worker = class extends Worker {
      constructor(...args) {
        super(...args);
        this.addEventListener("message", ({ data: [numbers] }) => {
          if (numbers[2] === 3) {
            seen.kernel.push(numbers[3]);
            seen.total.push(numbers[4]);
          }
        });
      }
    };
  });
  await page.goto(server.url + link);
  await appStarted(page);
  await page.getByRole("radio", { name: "Camera" }).click();
  await page.getByRole("switch", { name: /Live/ }).click();
  await page.waitForFunction((count) => globalThis.liveSpeed.shown.length > count, WARM_UP);
  const seen = await page.evaluate(async (ms) => {
    const { liveSpeed } = globalThis;
    Object.values(liveSpeed).forEach((list) => { list.length = 0; });
    const camera = document.querySelector("video.live__input");
    const countFrames = () => camera.getVideoPlaybackQuality().totalVideoFrames;
    const [before, start] = [countFrames(), performance.now()];
    await new Promise((done) => setTimeout(done, ms));
    const cameraRate = 1000 * (countFrames() - before) / (performance.now() - start);
    return { ...liveSpeed, cameraRate };
  }, SECONDS * 1000);
  await context.close();
  return seen;
}
