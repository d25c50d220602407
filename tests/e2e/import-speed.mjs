// Measures the stack page's release build in headless Chromium: from the drop of an ONNX file to the paint of its
// network, with the dialog answered at once; and how long a file of 500 MB takes, and how much memory.
//
//   node import-speed.mjs [--runs N]

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { DIST, launch } from "./page.mjs";
import { dropLarge, makeLarge, readerMemory } from "./large.mjs";
import { serve } from "./server.mjs";
import { openSlow } from "./stack.mjs";
import { median, round } from "./statistics.mjs";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "5" } },
});
const RUNS = Number(values.runs);
const CPU_RATES = [1, 6];
const FILES = [
  ["ResNet-18", "resnet18.external.onnx"],
  ["ResNet-18, new exporter", "resnet18.dynamo.external.onnx"],
  ["MobileNet-v2", "mobilenet_v2.external.onnx"],
  ["MobileNet-v2, new exporter", "mobilenet_v2.dynamo.external.onnx"],
];

const server = await serve(DIST);
const browser = await launch();
let failed = false;
try {
  const table = {};
  for (const [name, file] of FILES) {
    const bytes = await readFile(new URL(`../data/onnx-graph/${file}`, import.meta.url));
    for (const cpu of CPU_RATES) {
      table[`${name} at ${cpu}x CPU`] = await measure(bytes.toString("base64"), cpu);
    }
  }
  console.log(`from the drop to the paint of the network, ${RUNS} runs after the first`);
  console.table(table);
  console.log("a file of 500 MiB, weights within");
  console.table({ "at 1x CPU": await measureLarge() });
} catch (error) {
  failed = true;
  console.error(`import-speed: ${error.message}`);
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = failed ? 1 : 0;

async function measure(bytes, cpu) {
  const { page, context } = await openSlow(browser, `${server.url}#/stack`, cpu);
  const times = await page.evaluate(async ([bytes, runs]) => {
    const file = new File([Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0))], "net.onnx");
    const heading = () => document.querySelector("h1").textContent;
    const button = () => document.querySelector("[data-at=replace]");
    const until = (test) => new Promise((done) => {
      if (test()) return done();
      const watch = new MutationObserver(() => {
        if (test()) {
          watch.disconnect();
          done();
        }
      });
      watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    const painted = () => new Promise((done) => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      port2.postMessage(0);
    }));
    const times = [];
    for (let run = 0; run <= runs; run += 1) {
      const before = heading();
      await painted();
      const began = performance.now();
      const data = new DataTransfer();
      data.items.add(file);
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      await until(() => !button().disabled);
      const read = performance.now() - began;
      button().click();
      await until(() => heading() !== before);
      await painted();
      times.push([read, performance.now() - began]);
      await new Promise((done) => setTimeout(done, 400));
      document.querySelector("[data-at=undo]").click();
      await until(() => heading() === before);
      await new Promise((done) => setTimeout(done, 400));
    }
    return times;
  }, [bytes, RUNS]);
  await context.close();
  const [first, ...later] = times;
  return {
    "first read, ms": round(first[0], 0),
    "first paint, ms": round(first[1], 0),
    "read, median ms": round(median(later.map(([read]) => read)), 0),
    "paint, median ms": round(median(later.map(([, paint]) => paint)), 0),
  };
}

async function measureLarge() {
  const { page, context } = await openSlow(browser, `${server.url}#/stack`, 1);
  await makeLarge(page, { megabytes: 500, weights: 500 });
  const began = performance.now();
  await dropLarge(page);
  await page.locator("[data-at=replace]:enabled").waitFor();
  const read = performance.now() - began;
  const memory = await readerMemory(page);
  await context.close();
  return { "first read, ms": round(read, 0), "memory of the reader, MiB": round(memory / 2 ** 20, 1) };
}
