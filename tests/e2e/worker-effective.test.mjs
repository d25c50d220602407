// Effective fields from the worker's mailbox: what there is after each draw, and an end when nobody wants more.

import assert from "node:assert/strict";

import { start } from "./page.mjs";

const app = await start();

const [PROGRESS, FAILED, EFFECTIVE, SO_FAR] = [4, 5, 6, 7];

/** Opens a worker that keeps what it says. */
async function openWorker(page) {
  await page.evaluate(async () => {
    const { worker } = document.querySelector("meta[name=convscope-files]").dataset;
    const heard = [];
    const port = new Worker(new URL(worker, document.baseURI).href, { type: "module" });
    port.onmessage = ({ data: [[purpose, generation, kind, ...numbers], ...buffers] }) =>
      heard.push({ purpose, generation, kind, numbers, buffers: buffers.map((it) => [...it]) });
    globalThis.mailbox = {
      heard,
      async until(test) {
        while (!heard.some(test)) {
          await new Promise((done) => { setTimeout(done, 5); });
        }
      },
      /** A graph as links write it, the place of a layer, its unit, draws; whether weights are alike, and linear. */
      ask(generation, { graph, node, unit, draws, uniform = 0, linear = 0, seed = 1 }) {
        const bytes = new TextEncoder().encode(graph);
        const numbers = Float64Array.of(2, generation, 6, node, ...unit, uniform, linear, draws, 0, seed);
        port.postMessage([numbers, bytes], [bytes.buffer]);
      },
      cancel: (generation) => port.postMessage([Float64Array.of(2, generation, 1)]),
    };
    await globalThis.mailbox.until(({ kind }) => kind === 0);
  });
}

/** Asks, and gives the answer. */
const answer = (page, generation, request) => page.evaluate(async ({ generation, request }) => {
  const { heard, until, ask } = globalThis.mailbox;
  const ends = (it) => it.generation === generation && [5, 6].includes(it.kind);
  ask(generation, request);
  await until(ends);
  return heard.find(ends);
}, { generation, request });

app.test("three layers of 3 with all weights alike give the coefficients of (1 + x + x²)³", async ({ open }) => {
  const page = await open();
  await openWorker(page);
  const request = { graph: "i1x1x7x7.c1k3.c1k3.c1k3", node: 3, unit: [0, 0], draws: 1, uniform: 1, linear: 1 };
  const { kind, numbers, buffers } = await answer(page, 1, request);
  assert.equal(kind, EFFECTIVE);
  // Two times, then height, width, draws.
  assert.deepEqual(numbers.slice(2, 5), [7, 7, 1]);
  const paths = [1, 3, 6, 7, 6, 3, 1];
  buffers[0].forEach((share, i) => {
    const expected = paths[Math.floor(i / 7)] * paths[i % 7] / 27 ** 2;
    assert.ok(Math.abs(share - expected) < 1e-6 * 27, `${i}: ${share}, not ${expected}`);
  });
});

app.test("long work shows what there is after each draw, and ends when it is cancelled", async ({ open }) => {
  const page = await open();
  await openWorker(page);
  const graph = `i1x3x96x96${".c32k3p1.b.r".repeat(12)}`;
  const said = await page.evaluate(async ({ graph, SO_FAR }) => {
    const { heard, until, ask, cancel } = globalThis.mailbox;
    ask(1, { graph, node: 36, unit: [48, 48], draws: 1000 });
    await until(({ kind, numbers }) => kind === SO_FAR && numbers[3] >= 2);
    cancel(2);
    ask(3, { graph: "i1x1x3x3.c1k3", node: 1, unit: [0, 0], draws: 1 });
    await until(({ generation }) => generation === 3);
    return heard.map(({ generation, kind, numbers }) => ({ generation, kind, numbers }));
  }, { graph, SO_FAR });
  const ofFirst = said.filter(({ generation }) => generation === 1);
  assert.ok(ofFirst.every(({ kind }) => [PROGRESS, SO_FAR].includes(kind)), "a cancelled request has no answer");
  const draws = ofFirst.filter(({ kind }) => kind === SO_FAR).map(({ numbers }) => numbers[3]);
  assert.deepEqual(draws, [...draws].sort((a, b) => a - b));
  assert.ok(draws.length >= 2 && new Set(draws).size === draws.length, `${draws}`);
});

app.test("what has no field is refused with its layer", async ({ open }) => {
  const page = await open();
  await openWorker(page);
  const refused = async (generation, graph, node, unit = [0, 0]) => {
    const { kind, buffers } = await answer(page, generation, { graph, node, unit, draws: 1 });
    assert.equal(kind, FAILED);
    return new TextDecoder().decode(Uint8Array.from(buffers[0]));
  };
  assert.equal(await refused(1, "i1x1x5x5.UMystery~1x1x5x5:odd.r", 2), "layer 1 (odd) cannot be differentiated here");
  assert.equal(await refused(2, "i1x1x5x5.c4k3", 1, [0, 3]), "there is no unit (0, 3) in a map of 3 × 3");
  assert.match(await refused(3, "i1x64x4000x4000.c64k3p1.r.c64k3p1", 3),
    /^it would take \d+ bytes of memory, where 1073741824 are allowed$/);
});
