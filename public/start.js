// Starts the app. A file of its own, because the page's policy allows no inline script; Trunk
// writes the names of the files it made into the page (`pattern_script` in Trunk.toml).
//
// A release build is in parts. Every page begins with the first; the default figure of the lab and that of the
// stack page need one more each; the rest follows at once. What needs a part before that has it loaded then and there (`loadPart`).
//
// `<html data-app>` becomes `moving`, then `started`, or `failed` where the app, or part of it, cannot be had or run;
// `index.html` has the sentence that is shown then.

const root = document.documentElement;
const files = document.querySelector('meta[name="convscope-files"]').dataset;
const address = (file) => new URL(file, document.baseURI);
/** Files of the parts after the first; part 1 comes first. */
const later = files.parts?.split(" ") ?? [];
let first;

/** Gives the functions of a part their places in the first. */
async function join([part, module]) {
  await WebAssembly.instantiate(await module, { first });
  first[`here${part}`].value = 1;
}

globalThis.loadPart = (part) => {
  const request = new XMLHttpRequest();
  request.open("GET", address(later[part - 1]), false);
  // Bytes as characters: a request that is waited for cannot give a buffer.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  const bytes = Uint8Array.from(request.responseText, (character) => character.charCodeAt(0) & 255);
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { first });
  first[`here${part}`].value = 1;
};

/** Runs the worker's program in the page, for browsers without workers. */
globalThis.openWorker = async (script, port) => (await import(script)).open(port);

/** Whether the page begins with a part: its own figure with one, another figure with all. */
function beginsWith(file) {
  if (root.dataset.firstFigure !== "hidden") return file.endsWith("_lab.wasm");
  return location.hash !== "#/stack" || file.endsWith("_stack.wasm");
}

/** A part's number with its module, to be compiled while others load. */
const get = (file) => [
  later.indexOf(file) + 1,
  fetch(address(file)).then((response) => response.arrayBuffer()).then((bytes) => WebAssembly.compile(bytes)),
];

try {
  const early = later.filter(beginsWith).map(get);
  const { default: init, start, complete } = await import(address(files.js));
  first = await init({ module_or_path: address(files.wasm) });
  await Promise.all(early.map(join));
  const whole = early.length === later.length;
  start(whole);
  root.dataset.app = "moving";
  if (!whole) {
    await Promise.all(later.filter((file) => !beginsWith(file)).map(get).map(join));
    complete();
  }
  root.dataset.app = "started";
} catch (error) {
  root.dataset.app = "failed";
  throw error;
}
