// Times convolution engines in turn in one headless Chromium, for `cargo xtask bench`.
//
//   node run.mjs --ours FOLDER [--workloads FILE] [--json OUT] [--only TEXT] [--rounds N] [--budget MS]
//
// FOLDER holds plain.wasm and relaxed.wasm, our kernels with and without relaxed SIMD. Every engine has a
// fresh page for each workload and round; a row's numbers are those of the round with the median time.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { build } from "esbuild";
import { chromium } from "playwright-core";

import { convModel } from "./models.mjs";
import { random } from "./random.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    ours: { type: "string" },
    workloads: { type: "string", default: join(here, "workloads.json") },
    json: { type: "string" },
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "3" },
    budget: { type: "string", default: "1000" },
  },
});
const ENGINES = ["tfjs-wasm", "ort-web", "ours", "ours-simd"];
const PEERS = ["tfjs-wasm", "ort-web"];
const rounds = Number(values.rounds);
const budget = Number(values.budget);
const workloads = JSON.parse(await readFile(values.workloads, "utf8"))
  .filter((w) => values.only.split(",").some((part) => w.name.includes(part)));
if (workloads.length === 0) throw new Error(`no workload of ${values.workloads} is named like ${values.only}`);

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const FOLDERS = {
  "/ours/": values.ours,
  "/tfjs/": join(here, "node_modules/@tensorflow/tfjs-backend-wasm/dist"),
  "/ort/": join(here, "node_modules/onnxruntime-web/dist"),
};

const bundle = await build({
  entryPoints: [join(here, "page.mjs")], bundle: true, write: false, format: "esm", platform: "browser",
  logLevel: "error",
});
const models = new Map(workloads.map((w) => [`/models/${w.name}.onnx`, convModel(w, random)]));

async function answer(path) {
  if (path === "/") return ["<!doctype html><title>bench</title><script type=module src=/page.js></script>", ".html"];
  if (path === "/page.js") return [bundle.outputFiles[0].contents, ".js"];
  if (models.has(path)) return [models.get(path), ".onnx"];
  const folder = Object.keys(FOLDERS).find((prefix) => path.startsWith(prefix));
  if (!folder || path.includes("..")) return undefined;
  return [await readFile(join(FOLDERS[folder], path.slice(folder.length))), extname(path)];
}

// No cross-origin isolation: an embed never has it.
const server = createServer(async (request, response) => {
  const found = await answer(decodeURIComponent(new URL(request.url, "http://host").pathname)).catch(() => undefined);
  if (!found) return response.writeHead(404).end();
  return response.writeHead(200, { "content-type": TYPES[found[1]] ?? "application/octet-stream" }).end(found[0]);
});
await new Promise((done) => { server.listen(0, "127.0.0.1", done); });
const url = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath: process.env.CONVSCOPE_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
});

/** Calls a function of the page in a fresh one. */
async function inPage(call, args) {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    await page.waitForFunction("window.ready");
    return await page.evaluate(call, args);
  } finally {
    await page.close();
  }
}

const gflops = (w, ms) => (2 * w.macs) / ms / 1e6;
const geometricMean = (numbers) => Math.exp(numbers.reduce((sum, n) => sum + Math.log(n), 0) / numbers.length);
const fixed = (number, digits = 1) => number.toFixed(digits).padStart(8);
const ratio = (row, engine) => {
  const peers = PEERS.map((peer) => row[peer].median).filter(Boolean);
  return row[engine].median ? Math.min(...peers) / row[engine].median : undefined;
};

const rows = [];
let peak;
try {
  peak = await inPage(() => window.roofs());
  console.log(`${browser.browserType().name()} ${browser.version()}, ${rounds} rounds, medians, GFLOP/s`);
  console.log(`roofs: mul+add ${fixed(peak.simd)}, relaxed madd ${fixed(peak.relaxed)} GFLOP/s; copy ${fixed(peak.copy)} GB/s`);
  console.log(`${"workload".padEnd(24)}${ENGINES.map((e) => e.padStart(12)).join("")}   ratio  (simd)  algorithm, error`);
  for (const w of workloads) {
    const results = Object.fromEntries(ENGINES.map((engine) => [engine, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const engine of ENGINES) {
        const result = await inPage(([e, work, ms]) => window.bench(e, work, ms), [engine, w, budget]);
        results[engine].push(result);
      }
    }
    const row = { name: w.name };
    for (const engine of ENGINES) {
      const good = results[engine].filter((result) => result.median).sort((a, b) => a.median - b.median);
      row[engine] = good.length > 0 ? good[good.length >> 1] : results[engine][0];
    }
    rows.push(row);
    const cells = ENGINES.map((engine) => {
      const { median, error } = row[engine];
      return (median ? gflops(w, median).toFixed(1) : error.slice(0, 11)).padStart(12);
    });
    const ratios = ["ours", "ours-simd"].map((engine) => fixed(ratio(row, engine) ?? NaN, 2)).join("");
    console.log(`${w.name.padEnd(24)}${cells.join("")}${ratios}  ${row.ours.algorithm}, ${row.ours.off_by?.toExponential(1)}`);
  }
  for (const engine of ["ours", "ours-simd"]) {
    const ratios = rows.map((row) => ratio(row, engine)).filter(Boolean);
    console.log(`${engine}: ${geometricMean(ratios).toFixed(2)} times the better peer in the geometric mean, ` +
      `${Math.min(...ratios).toFixed(2)} at least`);
  }
} finally {
  await browser.close();
  server.close();
}
if (values.json) {
  await mkdir(dirname(values.json), { recursive: true });
  await writeFile(values.json, `${JSON.stringify({ peak, rows }, null, 1)}\n`);
}
