// The page opens, says what it is for, and has nothing to complain about.

import assert from "node:assert/strict";

import { axe, start } from "./page.mjs";

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
