// Runs in <head>, before anything is painted.
(function () {
  var root = document.documentElement;
  var hash = location.hash;
  // The page holds one drawn figure; a link to anything else must not show it first.
  if (["", "#", "#/", "#/lab"].indexOf(hash) < 0) root.dataset.firstFigure = "hidden";
  if (hash.indexOf("#/embed") === 0) root.dataset.page = "embed";
  if (hash.indexOf("#/stack") === 0) root.dataset.page = "stack";
  try {
    var theme = sessionStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (e) { /* storage is a courtesy */ }
  var simd = false;
  try {
    // A function that returns i8x16.popcnt(i8x16.splat(0)).
    simd = WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0,
      10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]));
  } catch (e) { /* no WebAssembly */ }
  // What cannot work is said by a sentence that stands in the page (`.page-word`).
  if (!simd) root.dataset.simd = "missing";
  if (location.protocol === "file:") root.dataset.app = "file";
  // A script that does not arrive, or a program that ends in the middle; `start.js` says what else fails.
  addEventListener("error", function (event) {
    var ended = typeof WebAssembly === "object" && event.error instanceof WebAssembly.RuntimeError;
    if ((ended || event.target.tagName === "SCRIPT") && root.dataset.app !== "file") root.dataset.app = "failed";
  }, true);
})();
