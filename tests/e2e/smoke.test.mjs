// The page opens, says what it is for, and has nothing to complain about.

import assert from "node:assert/strict";

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { DIST, axe, start } from "./page.mjs";

const app = await start();

app.test("the page opens with one heading in words", async ({ open }) => {
  const page = await open();
  const headings = await page.getByRole("heading", { level: 1 }).allTextContents();
  assert.equal(headings.length, 1);
  assert.match(headings[0], /\S+ \S+/);
  await page.shot("smoke");
});

app.test("every file comes from the page's own folder, and once", async ({ open }) => {
  const before = app.server.requests.length;
  await open();
  const asked = app.server.requests.slice(before);
  assert.ok(asked.length > 0);
  assert.deepEqual(asked.filter(({ path }) => !path.startsWith("/some/sub/folder/")), []);
  // Twice would mean that a preload and the load that it is for differ.
  const paths = asked.map(({ path }) => path);
  assert.deepEqual(paths, [...new Set(paths)]);
});

for (const theme of ["light", "dark"]) {
  app.test(`axe finds nothing on the first page (${theme})`, async ({ open }) => {
    const page = await open("", { theme });
    assert.deepEqual(await axe(page), []);
  });
}

app.test("the licences of what is compiled into the page lie beside it", async ({ open }) => {
  const page = await open();
  const name = await page.locator("link[rel=license]").getAttribute("href");
  const text = await readFile(join(DIST, name), "utf8");
  for (const crate of ["leptos", "wasm-bindgen", "web-sys"]) {
    assert.match(text, new RegExp(`^${crate}-[0-9.]+  MIT`, "m"));
  }
  assert.match(text, /Permission is hereby granted, free of charge/);
});
