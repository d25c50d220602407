// The worker's mailbox, as the page's client speaks to it (crates/worker/src/parts.rs says how).

import assert from "node:assert/strict";

import { becomes, says } from "./lab.mjs";
import { start } from "./page.mjs";

const app = await start();

const KINDS = ["ready", "cancel", "conv2d", "filter", "progress", "failed"];
const LIVE = 1;
const OTHER = 2;

/** Opens a mailbox in a worker or in the page; the page keeps its port and all that it says. */
async function openMailbox(page, { inPage }) {
  await page.evaluate(async ({ inPage, KINDS }) => {
    const { worker } = document.querySelector("meta[name=convscope-files]").dataset;
    const address = new URL(worker, document.baseURI).href;
    const heard = [];
    const hear = ({ data: [[purpose, generation, kind, ...numbers], ...buffers] }) =>
      heard.push({ purpose, generation, kind: KINDS[kind], numbers, buffers });
    let port;
    if (inPage) {
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = hear;
      await globalThis.openWorker(address, channel.port2);
    } else {
      port = new Worker(address, { type: "module" });
      port.onmessage = hear;
    }
    /** What sends a 3 x 3 convolution that makes each channel of a tensor so many times as large. */
    const layer = (purpose, generation, { channels, side, times }) => {
      const input = Float32Array.from({ length: channels * side * side }, (_, i) => i % 251);
      const weight = new Float32Array(channels * channels * 9);
      for (let c = 0; c < channels; c += 1) {
        weight[(c * channels + c) * 9 + 4] = times;
      }
      const options = [channels, channels, 3, 3, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0];
      const numbers = Float64Array.of(purpose, generation, 2, 1, 1, channels, side, side, ...options);
      const buffers = [input, weight, new Float32Array()];
      return () => port.postMessage([numbers, ...buffers], buffers.map(({ buffer }) => buffer));
    };
    globalThis.mailbox = {
      heard,
      /** Hundreds of milliseconds of work. */
      long: (purpose, generation) => layer(purpose, generation, { channels: 64, side: 224, times: 1 }),
      short: (purpose, generation) => layer(purpose, generation, { channels: 1, side: 5, times: 2 }),
      cancel: (purpose, generation) => () => port.postMessage([Float64Array.of(purpose, generation, 1)]),
      async until(test) {
        while (!heard.some(test)) {
          await new Promise((done) => { setTimeout(done, 5); });
        }
      },
    };
  }, { inPage, KINDS });
}

/** What was heard, without numbers and buffers. */
const heard = (page) => page.evaluate(() =>
  globalThis.mailbox.heard.map(({ kind, purpose, generation }) => `${kind} ${purpose} ${generation}`));

for (const inPage of [false, true]) {
  const where = inPage ? "in the page" : "in a worker";

  app.test(`${where}: it is ready first, long work tells how far it is, and the answer is whole`, async ({ open }) => {
    const page = await open();
    await openMailbox(page, { inPage });
    const said = await page.evaluate(async (LIVE) => {
      const { heard, until, long } = globalThis.mailbox;
      await until(({ kind }) => kind === "ready");
      long(LIVE, 1)();
      await until(({ kind }) => kind === "conv2d");
      const { numbers, buffers: [output] } = heard.at(-1);
      return {
        kinds: heard.map(({ kind }) => kind),
        progress: heard.filter(({ kind }) => kind === "progress").map((it) => it.numbers),
        shape: numbers.slice(2),
        wrong: output.findIndex((value, i) => value !== i % 251),
      };
    }, LIVE);
    assert.deepEqual([said.kinds[0], said.kinds.at(-1)], ["ready", "conv2d"]);
    assert.ok(said.progress.length > 1, `${said.progress.length} words of progress`);
    const done = said.progress.map(([done]) => done);
    assert.deepEqual(done, [...new Set(done)].sort((a, b) => a - b));
    assert.ok(said.progress.every(([done, of]) => done > 0 && done < of), JSON.stringify(said.progress));
    assert.deepEqual(said.shape, [1, 64, 224, 224]);
    assert.equal(said.wrong, -1);
  });

  app.test(`${where}: of each purpose only the newest request is answered`, async ({ open }) => {
    const page = await open();
    await openMailbox(page, { inPage });
    await page.evaluate(async ([LIVE, OTHER]) => {
      const { until, long, short } = globalThis.mailbox;
      await until(({ kind }) => kind === "ready");
      // One under way, one in the queue, the newest, one that comes late, and another purpose.
      const others = [long(LIVE, 2), short(LIVE, 3), short(LIVE, 2), short(OTHER, 1)];
      long(LIVE, 1)();
      await until(({ kind }) => kind === "progress");
      others.forEach((send) => send());
      await until(({ purpose, kind }) => purpose === OTHER && kind === "conv2d");
    }, [LIVE, OTHER]);
    const answers = (await heard(page)).filter((it) => it.startsWith("conv2d"));
    assert.deepEqual(answers, [`conv2d ${LIVE} 3`, `conv2d ${OTHER} 1`]);
  });

  app.test(`${where}: what is cancelled ends without an answer`, async ({ open }) => {
    const page = await open();
    await openMailbox(page, { inPage });
    const output = await page.evaluate(async ([LIVE, OTHER]) => {
      const { heard, until, long, short, cancel } = globalThis.mailbox;
      await until(({ kind }) => kind === "ready");
      const others = [cancel(LIVE, 2), short(OTHER, 1)];
      long(LIVE, 1)();
      await until(({ kind }) => kind === "progress");
      others.forEach((send) => send());
      await until(({ kind }) => kind === "conv2d");
      return [...heard.at(-1).buffers[0]].slice(0, 3);
    }, [LIVE, OTHER]);
    assert.deepEqual((await heard(page)).filter((it) => it.startsWith("conv2d")), [`conv2d ${OTHER} 1`]);
    assert.deepEqual(output, [0, 2, 4]);
  });
}

app.test("buffers move and are not copied, there and back", async ({ open }) => {
  const before = (page) => page.addInitScript(() => {
    // A buffer that has changed hands is empty.
    globalThis.left = [];
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, transfer) {
      const sizes = message.slice(1).map(({ byteLength }) => byteLength);
      post.call(this, message, transfer);
      globalThis.left.push([sizes, message.slice(1).map(({ byteLength }) => byteLength)]);
    };
  });
  const page = await open("#/lab?x=photo-camera&w=sobel-x&s=1&b=none", { before });
  await page.getByRole("switch", { name: /Whole picture/ }).click();
  await page.getByText(/pixels become/).waitFor();
  const size = 256 * 256 * 4;
  assert.deepEqual(await page.evaluate(() => globalThis.left), [[[9 * 4, size], [0, 0]]]);
  const worker = page.workers()[0];
  await worker.evaluate(() => {
    self.left = [];
    const post = self.postMessage;
    self.postMessage = (message, transfer) => {
      const sizes = message.slice(1).map(({ byteLength }) => byteLength);
      post.call(self, message, transfer);
      self.left.push([sizes, message.slice(1).map(({ byteLength }) => byteLength)]);
    };
  });
  await page.getByRole("combobox", { name: "Weights" }).selectOption({ label: "Identity" });
  await page.waitForFunction(() => globalThis.left.length === 2);
  while ((await worker.evaluate(() => self.left.length)) === 0);
  assert.deepEqual(await worker.evaluate(() => self.left), [[[size], [0]]]);
});

/** Lets each slice of a file take nine seconds, for which the worker hears of nothing else. */
async function readSlowly(page) {
  await page.route(/\/worker\/.*\?networks$/, async (route) => {
    const response = await route.fetch();
    const slow = `const read = FileReaderSync.prototype.readAsArrayBuffer;
      FileReaderSync.prototype.readAsArrayBuffer = function (slice) {
        console.info("a slice is read");
        for (const until = Date.now() + 9000; Date.now() < until;);
        return read.call(this, slice);
      };\n`;
    await route.fulfill({ response, body: slow + await response.text() });
  });
}

app.test("a file that is let go of is read no further, and what comes next does not wait for it", async ({ open }) => {
  const page = await open("#/stack", { before: readSlowly });
  const dialog = page.getByRole("dialog", { name: "Import layers" });
  const bring = async () => {
    const read = page.waitForEvent("console", (it) => it.text() === "a slice is read");
    await dialog.getByLabel("Network file").setInputFiles({ name: "net.onnx", mimeType: "", buffer: Buffer.alloc(9000, 8) });
    await read;
    assert.equal(page.workers().length, 1);
  };
  await page.getByRole("button", { name: "Import" }).click();
  await bring();
  const [reader] = page.workers();
  await dialog.getByRole("textbox").fill("nn.Conv2d(3, 4, 7)");
  await says(dialog.getByRole("status"), /1 layer found/);
  await becomes(() => page.workers().includes(reader), false);
  await bring();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await becomes(() => page.workers().length, 0);
  await page.getByRole("button", { name: "Import" }).click();
  await bring();
  await page.evaluate(() => { location.hash = "#/lab"; });
  await becomes(() => page.workers().length, 0);
});
