// Starts the app. A file of its own, because the page's policy allows no inline script; Trunk
// writes the names of the files it made into the page (`pattern_script` in Trunk.toml).
//
// `<html data-app>` becomes `started`, or `failed` when the browser cannot run the app.

const state = document.documentElement.dataset;
try {
  const { js, wasm } = document.querySelector('meta[name="convscope-files"]').dataset;
  const { default: init } = await import(new URL(js, document.baseURI));
  await init({ module_or_path: new URL(wasm, document.baseURI) });
  state.app = "started";
} catch (error) {
  state.app = "failed";
  throw error;
}
