// Starts a program of the worker: in a Web Worker at once, in a page when it calls `open` with a port.
//
// `start.js?networks` is the one that reads networks, `?writers` the one that writes them, `start.js` the one that
// computes.
// There are two builds of the latter. One instruction of relaxed SIMD and a browser without it refuses the whole
// file, so the choice is made before either is loaded.

// A function that returns i8x16.relaxed_swizzle(i8x16.splat(1), i8x16.splat(2)).
const relaxed = WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0,
  10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11]));

export async function open(port, inPage = true) {
  const asked = ["networks", "writers"].find((name) => new URL(import.meta.url).search === `?${name}`);
  const build = `./${asked ?? (relaxed ? "relaxed" : "plain")}`;
  const program = await import(`${build}.js`);
  await program.default({ module_or_path: new URL(`${build}.wasm`, import.meta.url) });
  program.open(port, relaxed, inPage);
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  // As an error of the worker, which whoever started it hears of.
  open(self, false).catch((error) => setTimeout(() => { throw error; }));
}
