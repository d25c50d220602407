// Notes which functions run until the first figure of each page is there, for `cargo xtask first`.
//
//   node first-functions.mjs NAMES COMMON LAB STACK
//
// DIST holds a build whose wasm exports a global `fN` for each function, 1 once it has run; line N of
// NAMES is its name. The lists are written, sorted: the names of those that ran on both pages, and of those
// that ran on one of them alone.

import { readFile, writeFile } from "node:fs/promises";

import { DIST, launch } from "./page.mjs";
import { serve } from "./server.mjs";

const [namesFile, ...listFiles] = process.argv.slice(2);
const names = (await readFile(namesFile, "utf8")).split("\n");
const CONTEXTS = [
  { viewport: { width: 1440, height: 900 } },
  { viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" },
  { viewport: { width: 1000, height: 700 }, forcedColors: "active" },
  { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
];
/** What the link of each page is, and what is done until its figure is there. */
const PAGES = [
  ["", async (page) => {
    await page.locator(".transport__play").dispatchEvent("click");
    // It begins at step 5; what happens at the end is for the rest.
    await page.getByText(/^Step 7 of 9/).first().waitFor();
  }],
  ["#/stack", async (page) => {
    const canvas = page.locator("canvas").first();
    await canvas.waitFor();
    // Once painted, the unit follows the pointer.
    await page.waitForTimeout(500);
    const { width, height } = await canvas.boundingBox();
    for (const across of [0.3, 0.5, 0.7, 0.9]) {
      await canvas.dispatchEvent("pointermove", { bubbles: true, clientX: width * across, clientY: height / 2 });
      await page.waitForTimeout(100);
    }
  }],
];

const server = await serve(DIST);
const browser = await launch();
try {
  const lab = await namesOf(...PAGES[0]);
  const stack = await namesOf(...PAGES[1]);
  const lists = [
    [...lab].filter((name) => stack.has(name)),
    [...lab].filter((name) => !stack.has(name)),
    [...stack].filter((name) => !lab.has(name)),
  ];
  for (const [i, list] of lists.entries()) {
    await writeFile(listFiles[i], `${list.filter(Boolean).sort().join("\n")}\n`);
    console.log(`${list.length} names of functions in ${listFiles[i]}`);
  }
} finally {
  await browser.close();
  await server.close();
}

/** The names of the functions that ran on a page, in any of the contexts. */
async function namesOf(link, until) {
  const ran = new Set();
  for (const options of CONTEXTS) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    // The build is whole; it is started as if it were not.
    await page.route("**/start-*.js", (route) => route.abort());
    await page.goto(server.url + link);
    await page.evaluate(async () => {
      const { js, wasm } = document.querySelector('meta[name="convscope-files"]').dataset;
      const { default: init, start } = await import(new URL(js, document.baseURI));
      globalThis.watched = await init({ module_or_path: new URL(wasm, document.baseURI) });
      start(false);
    });
    await until(page);
    const numbers = await page.evaluate(() => Object.entries(globalThis.watched)
      .filter(([name, value]) => /^f\d+$/.test(name) && value.value === 1)
      .map(([name]) => Number(name.slice(1))));
    for (const number of numbers) ran.add(names[number]);
    await context.close();
  }
  return ran;
}
