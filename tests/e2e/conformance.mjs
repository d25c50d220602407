// Compares with the frozen values of other programs, as wasm in headless Chromium.
//
//   node conformance.mjs --module DIR --data DIR [--only PATH[:OPERATION]]
//
// DIR of the module is what wasm-bindgen makes of the program `conformance`. Prints what the native
// program prints, and ends with the same codes.

import { readFile, readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";

import { launch } from "./page.mjs";
import { serve } from "./server.mjs";

const EXTENSIONS = [".json", ".jsonl", ".onnx", ".pb"];

const { values } = parseArgs({
  options: { module: { type: "string" }, data: { type: "string" }, only: { type: "string", default: "" } },
});

let paths;
try {
  paths = (await readdir(values.data, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && EXTENSIONS.includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(values.data, "/").length))
    .sort();
} catch (error) {
  console.error(`cannot read ${values.data}: ${error.message}`);
  process.exit(1);
}
const files = await Promise.all(paths.map(async (path) => [`/data/${path}`, await readFile(join(values.data, path))]));
// A browser asks for an icon, and would complain.
const pages = { "/": "<!doctype html><title>conformance</title>", "/favicon.ico": "", ...Object.fromEntries(files) };
const server = await serve(values.module, { folder: "/module/", pages });
const browser = await launch();
try {
  const page = await browser.newPage();
  page.on("console", (message) => console.error(message.text()));
  await page.goto(server.origin);
  const { text, passed } = await page.evaluate(runInPage, { paths, only: values.only });
  console.log(text);
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  // A panic ends the module and the report with it.
  console.log(`conformance: ${error.message.split("\n")[0]}`);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exitCode = 1;
} finally {
  await browser.close();
  await server.close();
}

/** Runs in the page: hands every file to the module. */
async function runInPage({ paths, only }) {
  const { default: start, Folder } = await import("/module/conformance.js");
  await start();
  const folder = new Folder();
  for (const path of paths) {
    const response = await fetch(`/data/${path.split("/").map(encodeURIComponent).join("/")}`);
    if (!response.ok) {
      throw new Error(`${path}: ${response.status}`);
    }
    folder.add(path, new Uint8Array(await response.arrayBuffer()));
  }
  const { text, passed } = folder.run(only);
  return { text, passed };
}
