// On paper all of a figure is seen, and nothing that only a screen can be asked.

import assert from "node:assert/strict";

import { start } from "./page.mjs";

const app = await start();

for (const link of ["#/lab", "#/stack"]) {
  // Maps on the right of the paper were cut off.
  app.test(`${link} is printed whole`, async ({ open }) => {
    const page = await open(link, { viewport: { width: 1920, height: 1080 } });
    await page.locator("canvas").first().waitFor();
    await page.emulateMedia({ media: "print" });
    // The page lays its canvases out for a screen; a printer gives them less room afterwards.
    const cut = await page.evaluate(() => {
      document.body.style.inlineSize = "700px";
      return [...document.querySelectorAll("canvas")]
        .filter((it) => it.getBoundingClientRect().right > 700)
        .map((it) => it.className);
    });
    assert.deepEqual(cut, []);
    assert.equal(await page.locator(".btn:visible, .segmented:visible, nav:visible").count(), 0);
  });
}
