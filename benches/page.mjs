// Runs in the page: times one workload on one engine, each in a fresh page.
//
// What is timed is what a user waits for: the call with its input already in memory, until the result can
// be read. Weights are packed and models loaded before.

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as ort from "onnxruntime-web/wasm";

import { random } from "./random.mjs";

const WARM_UP_RUNS = 5;
const LEAST_SAMPLES = 7;
const MOST_SAMPLES = 200;
/** Shorter calls are timed in groups of about so long: the page's clock is coarse. */
const SAMPLE_MS = 2;

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Median and least time of a call, in ms. */
async function time(step, budgetMs) {
  for (let i = 0; i < WARM_UP_RUNS; i += 1) await step();
  const once = performance.now();
  await step();
  const group = Math.max(1, Math.ceil(SAMPLE_MS / Math.max(performance.now() - once, 1e-3)));
  const samples = [];
  const begin = performance.now();
  while (samples.length < LEAST_SAMPLES || (performance.now() - begin < budgetMs && samples.length < MOST_SAMPLES)) {
    const start = performance.now();
    for (let i = 0; i < group; i += 1) await step();
    samples.push((performance.now() - start) / group);
  }
  return { median: median(samples), min: Math.min(...samples), runs: samples.length * group };
}

async function tfjs(w, budgetMs) {
  setWasmPaths("/tfjs/");
  setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  const depthwise = w.groups === w.c && w.groups > 1;
  if (w.groups > 1 && !depthwise) throw new Error("refuses groups");
  const x = tf.tensor4d(random(w.c * w.h * w.w), [1, w.h, w.w, w.c]);
  const shape = depthwise ? [w.kh, w.kw, w.c, w.f / w.c] : [w.kh, w.kw, w.c, w.f];
  const weight = tf.tensor4d(random(shape.reduce((a, b) => a * b)), shape);
  const conv = depthwise ? tf.depthwiseConv2d : tf.conv2d;
  const step = () => conv(x, weight, w.stride, w.pad, "NHWC", w.dilation, "floor").dispose();
  return time(step, budgetMs);
}

async function ortWeb(w, budgetMs) {
  ort.env.wasm.wasmPaths = "/ort/";
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(`/models/${w.name}.onnx`, { executionProviders: ["wasm"] });
  const x = new ort.Tensor("float32", random(w.c * w.h * w.w), [1, w.c, w.h, w.w]);
  return time(async () => { await session.run({ x }); }, budgetMs);
}

async function load(file) {
  const { instance } = await WebAssembly.instantiateStreaming(fetch(file), {});
  return instance.exports;
}

/** `build` is the one with plain or with relaxed SIMD. */
const ours = (build) => async (w, budgetMs) => {
  const wasm = await load(`/ours/${build}.wasm`);
  [w.c, w.h, w.w, w.f, w.kh, w.kw, w.stride, w.pad, w.dilation, w.groups]
    .forEach((value, i) => wasm.size(i, value));
  const algorithm = wasm.prepare(0xffff);
  if (algorithm < 0) throw new Error("refuses these sizes");
  const result = await time(() => wasm.run(1), budgetMs);
  const name = new Uint8Array(wasm.memory.buffer, wasm.name_at(algorithm), wasm.name_len(algorithm));
  return { ...result, algorithm: new TextDecoder().decode(name), error: undefined, off_by: wasm.error() };
};

const ENGINES = { "tfjs-wasm": tfjs, "ort-web": ortWeb, ours: ours("relaxed"), "ours-simd": ours("plain") };

window.bench = async (engine, workload, budgetMs) => {
  try {
    return await ENGINES[engine](workload, budgetMs);
  } catch (error) {
    return { error: String(error.message ?? error).slice(0, 200) };
  }
};

/** What the machine can do at most: GFLOP/s of independent multiply-add chains, GB/s of a copy. */
window.roofs = async () => {
  const best = (run, amount) => {
    let least = Infinity;
    for (let i = 0; i < 12; i += 1) {
      const start = performance.now();
      run();
      least = Math.min(least, performance.now() - start);
    }
    return amount / least / 1e6;
  };
  const roofs = {};
  for (const [name, build] of [["simd", "plain"], ["relaxed", "relaxed"]]) {
    const wasm = await load(`/ours/${build}.wasm`);
    const rounds = 4e6;
    roofs[name] = best(() => wasm.roof(rounds), 12 * 8 * rounds);
  }
  const wasm = await load("/ours/plain.wasm");
  const bytes = 64 << 20;
  // Read once and written once.
  roofs.copy = best(() => wasm.copy(bytes), 2 * bytes);
  return roofs;
};
window.ready = true;
