// Notes which functions run until the first figure moves, for `cargo xtask first`.
//
//   node first-functions.mjs NAMES LIST
//
// DIST holds a build whose wasm exports a global `fN` for each function, 1 once it has run; line N of
// NAMES is its name. LIST is written: the names of those that ran, sorted.

import { readFile, writeFile } from "node:fs/promises";

import { DIST, launch } from "./page.mjs";
import { serve } from "./server.mjs";

const [namesFile, listFile] = process.argv.slice(2);
const names = (await readFile(namesFile, "utf8")).split("\n");
const CONTEXTS = [
  { viewport: { width: 1440, height: 900 } },
  { viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" },
  { viewport: { width: 1000, height: 700 }, forcedColors: "active" },
  { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
];

const server = await serve(DIST);
const browser = await launch();
const ran = new Set();
try {
  for (const options of CONTEXTS) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    // The build is whole; it is started as if it were not.
    await page.route("**/start-*.js", (route) => route.abort());
    await page.goto(server.url);
    await page.evaluate(async () => {
      const { js, wasm } = document.querySelector('meta[name="convscope-files"]').dataset;
      const { default: init, start } = await import(new URL(js, document.baseURI));
      globalThis.watched = await init({ module_or_path: new URL(wasm, document.baseURI) });
      start(false);
    });
    await page.locator(".transport__play").dispatchEvent("click");
    // It begins at step 5; what happens at the end is for the rest.
    await page.getByText(/^Step 7 of 9/).first().waitFor();
    const numbers = await page.evaluate(() => Object.entries(globalThis.watched)
      .filter(([name, value]) => /^f\d+$/.test(name) && value.value === 1)
      .map(([name]) => Number(name.slice(1))));
    for (const number of numbers) ran.add(names[number]);
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
}
const list = [...ran].filter(Boolean).sort();
await writeFile(listFile, `${list.join("\n")}\n`);
console.log(`${list.length} names of functions in ${listFile}`);
