// Measures the stack page's release build in headless Chromium: from an edit to the paint that shows it, on a
// chain of 1,000 layers and on DenseNet-121, and how long the page is busy with what follows.
//
//   node edit-speed.mjs [--edits N]

import { parseArgs } from "node:util";

import { DIST, launch } from "./page.mjs";
import { serve } from "./server.mjs";
import { openSlow } from "./stack.mjs";
import { median, percentile, round } from "./statistics.mjs";

const { values } = parseArgs({
  options: { edits: { type: "string", default: "12" } },
});
const EDITS = Number(values.edits);
const CPU_RATES = [1, 6];
const CHAIN = `#/stack?l=i1x3x224x224${".c8k3p1".repeat(1000)}`;

const server = await serve(DIST);
const browser = await launch();
let failed = false;
try {
  const edits = {};
  for (const [name, link] of [["1,000 layers", CHAIN], ["DenseNet-121", "#/stack?net=densenet-121"]]) {
    for (const cpu of CPU_RATES) {
      edits[`${name} at ${cpu}x CPU`] = await measureEdits(link, cpu);
    }
  }
  console.log(`${EDITS} edits of layer 1, from the key to the paint with its numbers`);
  console.table(edits);
} catch (error) {
  failed = true;
  console.error(`edit-speed: ${error.message}`);
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = failed ? 1 : 0;

async function measureEdits(link, cpu) {
  const { page, context } = await openSlow(browser, server.url + link, cpu);
  const times = await page.evaluate(async (count) => {
    const times = [];
    let busy = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((task) => { busy += task.duration; }))
      .observe({ type: "longtask" });
    const field = () => document.getElementById("layer-1-dilation");
    const row = () => document.querySelector('.layers__rows tr[data-at="1"] .layers__field').textContent;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let n = 0; n < count; n += 1) {
      await frame();
      const before = row();
      const began = performance.now();
      field().value = String(2 + (n % 2));
      field().dispatchEvent(new Event("change", { bubbles: true }));
      while (row() === before) {
        await Promise.resolve();
        if (row() === before) await frame();
      }
      const computed = performance.now();
      // After the frame that is painted next.
      await frame();
      await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
      const painted = performance.now() - began;
      // Cards, charts and link follow; what takes more than 50 ms is counted, the edit itself included.
      busy = 0;
      await new Promise((done) => setTimeout(done, 1500));
      times.push([painted, computed - began, busy]);
    }
    return times;
  }, EDITS);
  await context.close();
  const [paint, computed, busy] = [0, 1, 2].map((at) => times.map((time) => time[at]));
  return {
    "to the table, median ms": round(median(computed), 1),
    "to paint, median ms": round(median(paint), 1),
    "to paint, 95th ms": round(percentile(paint, 0.95), 1),
    "long tasks, median ms": round(median(busy), 0),
  };
}
