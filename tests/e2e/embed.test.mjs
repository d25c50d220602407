// The figure inside another page: in any box, with its transport and a link to the full page.

import assert from "node:assert/strict";

import { appStarted, start } from "./page.mjs";
import { becomes, cell, middle, painted, says } from "./lab.mjs";

const FOLDER = "/some/sub/folder/";
const iframe = (link, width, height) =>
  `<iframe src="${FOLDER}${link}" title="A convolution" width="${width}" height="${height}" style="border:0"></iframe>`;
const LINK = "#/embed/lab?n=6&amp;s=1&amp;step=4";
// A page with a strict policy of its own: no script, nothing but frames of its site.
const STRICT = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; frame-src 'self'; style-src-attr 'unsafe-inline'">`;
const page = (body, head = "") =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page of documentation</title>
  <link rel="icon" href="data:,">${head}</head><body><main><h1>Convolution</h1><p>See for yourself.</p>${body}</main></body></html>`;

const app = await start({
  pages: {
    "/docs/strict.html": page(iframe(LINK, 600, 420), STRICT),
    "/docs/two.html": page(iframe(LINK, 600, 420) + iframe("#/embed/lab?x=checker", 320, 300)),
  },
});

const inside = (it) => it.frameLocator("iframe").first();

for (const [width, height] of [[600, 420], [320, 480], [900, 500], [480, 360]]) {
  app.test(`figure, transport and link fit into ${width} × ${height}`, async ({ open }) => {
    const page = await open("#/embed/lab", { viewport: { width, height } });
    const size = await page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.scrollingElement;
      const main = document.querySelector("main");
      return { page: [scrollWidth, scrollHeight], main: [main.scrollWidth, main.scrollHeight] };
    });
    assert.deepEqual(size, { page: [width, height], main: [width, height] });
    const within = async (locator, what) => {
      const box = await locator.boundingBox();
      assert.ok(box && box.x >= -1 && box.y >= -1 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1,
        `${what} at ${JSON.stringify(box)}`);
    };
    for (const name of ["Back one step", "Play", "Forward one step"]) {
      await within(page.getByRole("button", { name }), name);
    }
    await within(page.getByRole("slider", { name: "Step" }), "scrubber");
    await within(page.getByRole("link", { name: /open in convscope/ }), "link");
    await within(cell(page, "Input", 0, 0), "first input cell");
    await within(cell(page, "Output", 0, 0), "first output cell");
    await within(cell(page, "Output", 2, 2), "last output cell");
    await within(cell(page, "Padding", 5, 5), "last padding cell");
    const transport = await page.getByRole("region", { name: "Steps" }).boundingBox();
    const last = await cell(page, "Output", 2, 2).boundingBox();
    assert.ok(last.y + last.height <= transport.y + 1, "the transport covers the figure");
    await page.shot(`embed ${width} ${height}`);
  });
}

app.test("it is the figure of the link, and the link to the full page opens the same", async ({ open }) => {
  const page = await open("#/embed/lab?n=6&s=1&step=4");
  await says(page.getByRole("region", { name: "Steps" }), /Step 4 of 36/);
  assert.equal(await page.getByRole("form", { name: "Controls" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "First step" }).count(), 0);
  await page.getByRole("button", { name: "Forward one step" }).click();
  await says(page.getByRole("region", { name: "Steps" }), /Step 5 of 36/);
  const link = page.getByRole("link", { name: /open in convscope/ });
  const arriving = page.context().waitForEvent("page");
  await link.click();
  const full = await arriving;
  await appStarted(full);
  assert.match(full.url(), /#\/lab\?/);
  assert.match(await full.getByRole("heading", { level: 1 }).innerText(), /turns 6 × 6 into 6 × 6/);
  await says(full.getByRole("region", { name: "Steps" }), /Step 5 of 36/);
  assert.equal(await full.getByRole("list", { name: "About this link" }).count(), 0);
});

app.test("it says the sum of the current cell, and follows pointer and keys", async ({ open }) => {
  const page = await open("#/embed/lab", { viewport: { width: 600, height: 420 } });
  const all = page.locator("main");
  await says(all, /0 \+ 0 \+ 8 − 4 \+ 0 \+ 18 − 3 \+ 0 \+ 8 = 27, plus bias 1/);
  const before = await painted(page);
  await page.mouse.move(...await middle(page, "Input", 1, 3));
  await becomes(async () => (await painted(page)) !== before, true);
  await page.mouse.move(1, 1);
  await page.keyboard.press("Home");
  await says(page.getByRole("region", { name: "Steps" }), /Step 1 of 9/);
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Pause" }).waitFor();
});

app.test("it does not play by itself", async ({ open }) => {
  const page = await open("#/embed/lab?step=1");
  await page.getByRole("button", { name: "Play" }).waitFor();
  const before = await painted(page);
  await page.waitForTimeout(900);
  assert.equal(await painted(page), before);
});

app.test("it works in a page with a strict policy of its own", async ({ open }) => {
  const page = await open("/docs/strict.html", { ready: false });
  const frame = inside(page);
  await frame.getByRole("button", { name: "Play" }).click();
  await frame.getByRole("button", { name: "Pause" }).click();
  await frame.getByRole("button", { name: "Forward one step" }).click();
  await says(frame.getByRole("region", { name: "Steps" }), /Step \d+ of 36/);
  await page.shot("embed-in-strict-page");
});

app.test("two of them on one page do not disturb each other", async ({ open }) => {
  const page = await open("/docs/two.html", { ready: false });
  const [first, second] = [page.frameLocator("iframe").first(), page.frameLocator("iframe").last()];
  await first.getByRole("button", { name: "Forward one step" }).click();
  await says(first.getByRole("region", { name: "Steps" }), /Step 5 of 36/);
  await says(second.getByRole("region", { name: "Steps" }), /Step 5 of 9/);
  await second.getByRole("button", { name: "Back one step" }).click();
  await says(second.getByRole("region", { name: "Steps" }), /Step 4 of 9/);
  await says(first.getByRole("region", { name: "Steps" }), /Step 5 of 36/);
});

app.test("a photograph can be embedded", async ({ open }) => {
  const page = await open("#/embed/lab?x=photo-rocket&s=2&step=5000", { viewport: { width: 600, height: 420 } });
  await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("rocket")));
  const before = await painted(page);
  await page.getByRole("button", { name: "Forward one step" }).click();
  await becomes(async () => (await painted(page)) !== before, true);
  const { scrollHeight, scrollWidth } = await page.evaluate(() => {
    const { scrollHeight, scrollWidth } = document.scrollingElement;
    return { scrollHeight, scrollWidth };
  });
  assert.deepEqual([scrollWidth, scrollHeight], [600, 420]);
  await page.shot("embed-photo");
});
