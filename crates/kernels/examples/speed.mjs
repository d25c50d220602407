// Times the convolution of one build over named layers, in headless Chromium or in node, in GFLOP/s.
//
//   node crates/kernels/examples/speed.mjs [--relaxed] [--node] [--check] [--all] [--only TEXT]
//       [--layer SIZES] [--ms 300]
//
// --relaxed  the build with relaxed SIMD; otherwise plain simd128
// --node     in node instead of Chromium ($CHROMIUM, or `chromium`); the engine of node 20 is slower by half
// --check    compares with the naive convolution as well: largest error relative to the largest output
// --all      every algorithm that suits a layer instead of the chosen one
// --only     layers whose name contains one of these, with commas between
// --layer    another layer: channels,height,width,filters,kernel,stride,padding,dilation,groups; several with semicolons
// --ms       how long each is timed
//
// Median and best of many samples; FLOPs are counted as those of direct convolution, 2 for each product.
import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const flag = name => process.argv.includes(`--${name}`);
const value = (name, otherwise) => flag(name) ? process.argv[process.argv.indexOf(`--${name}`) + 1] : otherwise;

// [channels, height, width], filters, kernel, stride, padding, dilation, groups
const LAYERS = {
  'seed-32x32x3-k5-f10': [[3, 32, 32], 10, 5, 1, 2, 1, 1],
  'stem-224-k7s2-f64': [[3, 224, 224], 64, 7, 2, 3, 1, 1],
  'vgg-56x64-k3-f64': [[64, 56, 56], 64, 3, 1, 1, 1, 1],
  'vgg-14x512-k3-f512': [[512, 14, 14], 512, 3, 1, 1, 1, 1],
  'pw-56x256-k1-f64': [[256, 56, 56], 64, 1, 1, 0, 1, 1],
  'dw-112x96-k3': [[96, 112, 112], 96, 3, 1, 1, 1, 96],
  'dw-56x144-k3s2': [[144, 56, 56], 144, 3, 2, 1, 1, 144],
  'dil-28x128-k3d2-f128': [[128, 28, 28], 128, 3, 1, 2, 2, 1],
  'img-512-gray-k3': [[1, 512, 512], 1, 3, 1, 1, 1, 1],
  'img-512-rgb-k9-dw': [[3, 512, 512], 3, 9, 1, 4, 1, 3],
  'img-720p-rgb-k3-dw': [[3, 720, 1280], 3, 3, 1, 1, 1, 3],
  'fc-7x7x64-k7-f512': [[64, 7, 7], 512, 7, 1, 0, 1, 1],
  'grp-28x128-k3-g4': [[128, 28, 28], 128, 3, 1, 1, 1, 4],
  // Not of the bench: other shapes that a network has.
  'more-vgg-224x3-k3-f64': [[3, 224, 224], 64, 3, 1, 1, 1, 1],
  'more-28x128-k3s2-f256': [[128, 28, 28], 256, 3, 2, 1, 1, 1],
  'more-28x128-k1s2-f256': [[128, 28, 28], 256, 1, 2, 0, 1, 1],
  'more-28x32-k5-f64': [[32, 28, 28], 64, 5, 1, 2, 1, 1],
  'more-14x64-k7-f64': [[64, 14, 14], 64, 7, 1, 3, 1, 1],
  'more-7x960-k1-f160': [[960, 7, 7], 160, 1, 1, 0, 1, 1],
  'more-7x512-k3-f512': [[512, 7, 7], 512, 3, 1, 1, 1, 1],
  'more-dw-14x576-k3': [[576, 14, 14], 576, 3, 1, 1, 1, 576],
  'more-dw-7x960-k5': [[960, 7, 7], 960, 5, 1, 2, 1, 960],
  'more-dw-28x120-k5s2': [[120, 28, 28], 120, 5, 2, 2, 1, 120],
  'more-lenet-28x1-k5-f6': [[1, 28, 28], 6, 5, 1, 2, 1, 1],
  'more-rgb-512-k3-f3': [[3, 512, 512], 3, 3, 1, 1, 1, 1],
};

// The flags of the worker's build; crates/kernels/src/lib.rs says why.
function build() {
  const root = new URL('../../..', import.meta.url).pathname;
  const features = flag('relaxed') ? '+simd128,+relaxed-simd' : '+simd128';
  const target = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), flag('relaxed') ? 'relaxed' : 'plain');
  const flags = value('rustflags', `-C target-feature=${features} -C llvm-args=-pre-RA-sched=source`);
  execFileSync('cargo', ['build', '--quiet', '--release', '--package', 'convscope-kernels', '--example', 'speed',
    '--target', 'wasm32-unknown-unknown'],
    {cwd: root, stdio: 'inherit', env: {...process.env, CARGO_TARGET_DIR: target, RUSTFLAGS: flags}});
  return readFileSync(join(target, 'wasm32-unknown-unknown/release/examples/speed.wasm'));
}

// Runs in node or in the page; knows nothing of this file.
function bench(bytes, layers, {ms, check, all}) {
  const {exports: wasm} = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  const name = i => new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, wasm.name_at(i), wasm.name_len(i)));
  const lines = [];
  const roof = n => { const start = performance.now(); wasm.roof(n); return 12 * 8 * n / (performance.now() - start) / 1e6; };
  let most = 0;
  for (let i = 0; i < 40; i++) most = Math.max(most, roof(1e6));
  lines.push(`${'roof'.padEnd(40)}${''.padEnd(7)}${most.toFixed(1).padStart(7)}`);
  for (const [layer, [[c, h, w], f, k, stride, pad, dilation, groups]] of layers) {
    [c, h, w, f, k, k, stride, pad, dilation, groups].forEach((size, i) => wasm.size(i, size));
    const out = n => Math.floor((n + 2 * pad - dilation * (k - 1) - 1) / stride) + 1;
    const flops = 2 * out(h) * out(w) * f * (c / groups) * k * k;
    for (let wanted = all ? 0 : 99; all ? wasm.name_len(wanted) : wanted < 100; wanted++) {
      const algorithm = wasm.prepare(wanted);
      if (algorithm < 0) continue;
      const time = n => { const start = performance.now(); wasm.run(n); return (performance.now() - start) / n; };
      const warm = performance.now();
      while (performance.now() - warm < ms / 3) time(1);
      const inner = Math.max(1, Math.ceil(0.5 / Math.max(time(3), 1e-3)));
      const samples = [];
      const start = performance.now();
      while (samples.length < 5 || performance.now() - start < ms) samples.push(time(inner));
      samples.sort((a, b) => a - b);
      const gflops = milliseconds => (flops / milliseconds / 1e6).toFixed(1).padStart(7);
      const error = check ? `  error ${wasm.error().toExponential(1)}` : '';
      const [best, median] = [samples[0], samples[samples.length >> 1]];
      lines.push(`${layer.padEnd(24)}${name(algorithm).padEnd(16)}${gflops(median)}${gflops(best)}  ${median.toFixed(3)} ms${error}`);
    }
  }
  return lines.join('\n');
}

// A page of its own origin with nobody else in it, whose clock then counts in 5 µs instead of 100.
async function inChromium(script) {
  const folder = mkdtempSync(join(tmpdir(), 'convscope-speed-'));
  const headers = {'content-type': 'text/html', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp'};
  const server = createServer((_, response) => { response.writeHead(200, headers); response.end(`<pre></pre><script>${script}</script>`); });
  await new Promise(ready => server.listen(0, '127.0.0.1', ready));
  const browser = spawn(process.env.CHROMIUM ?? 'chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
    `--user-data-dir=${folder}/profile`, '--dump-dom', `http://127.0.0.1:${server.address().port}/`], {stdio: ['ignore', 'pipe', 'ignore']});
  let dom = '';
  for await (const text of browser.stdout.setEncoding('utf8')) dom += text;
  server.close();
  rmSync(folder, {recursive: true, force: true, maxRetries: 5});
  return dom.match(/<pre>([\s\S]*?)<\/pre>/)?.[1] ?? dom;
}

const bytes = build();
if (flag('layer')) {
  for (const key in LAYERS) delete LAYERS[key];
  for (const text of value('layer').split(';')) {
    const [c, h, w, ...rest] = text.split(',').map(Number);
    LAYERS[text] = [[c, h, w], ...rest];
  }
}
const layers = Object.entries(LAYERS).filter(([name]) => value('only', '').split(',').some(part => name.includes(part)));
const options = {ms: Number(value('ms', 300)), check: flag('check'), all: flag('all')};
console.log(`${'layer'.padEnd(24)}${'algorithm'.padEnd(16)} median   best GFLOP/s`);
console.log(flag('node') ? bench(bytes, layers, options) : await inChromium(`
  const bytes = Uint8Array.from(atob('${bytes.toString('base64')}'), c => c.charCodeAt(0));
  document.querySelector('pre').textContent = (${bench})(bytes, ${JSON.stringify(layers)}, ${JSON.stringify(options)});`));
