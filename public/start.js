// Starts the app. A file of its own, because the page's policy allows no inline script; Trunk
// writes the names of the files it made into the page (`pattern_script` in Trunk.toml).
//
// A release build is in two parts, and the first makes the default figure move. The rest follows at
// once; whatever needs it before that has it loaded then and there (`loadRest`).
//
// `<html data-app>` becomes `moving`, then `started`, or `failed` when the browser cannot run the app.

const root = document.documentElement;
const files = document.querySelector('meta[name="convscope-files"]').dataset;
const address = (file) => new URL(file, document.baseURI);
let first;

/** Gives the functions of the rest their places in the first part. */
async function join(module) {
  await WebAssembly.instantiate(module, { first });
  first.rest_is_here.value = 1;
}

globalThis.loadRest = () => {
  const request = new XMLHttpRequest();
  request.open("GET", address(files.rest), false);
  // Bytes as characters: a request that is waited for cannot give a buffer.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  const bytes = Uint8Array.from(request.responseText, (character) => character.charCodeAt(0) & 255);
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { first });
  first.rest_is_here.value = 1;
};

/** Runs the worker's program in the page, for browsers without workers. */
globalThis.openWorker = async (script, port) => (await import(script)).open(port);

const getRest = async () => WebAssembly.compile(await (await fetch(address(files.rest))).arrayBuffer());

try {
  const { default: init, start, complete } = await import(address(files.js));
  // Another figure than the drawn one needs both parts: they are loaded side by side.
  const drawn = root.dataset.firstFigure !== "hidden";
  const early = files.rest && !drawn ? getRest() : undefined;
  first = await init({ module_or_path: address(files.wasm) });
  if (early) await join(await early);
  const whole = !files.rest || !drawn;
  start(whole);
  root.dataset.app = "moving";
  if (!whole) {
    await join(await getRest());
    complete();
  }
  root.dataset.app = "started";
} catch (error) {
  root.dataset.app = "failed";
  throw error;
}
