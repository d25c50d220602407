// What a unit really listens to, on the stack page: the course's example, ResNet-18, and cancelling.

import assert from "node:assert/strict";

import { axe, start } from "./page.mjs";
import { becomes, says } from "./lab.mjs";

const app = await start();

const card = (page) => page.getByRole("region", { name: "Effective field" });
const button = (page, name) => card(page).getByRole("button", { name, exact: true });
const found = (page) => card(page).locator(".effective__sentence");
const fact = (page, name) => card(page).getByRole("row", { name: new RegExp(`^${name}`) }).getByRole("cell");

async function draws(page, count) {
  await card(page).getByRole("textbox", { name: "Draws" }).fill(String(count));
  await card(page).getByRole("textbox", { name: "Draws" }).press("Tab");
}

app.test("the course's example: most of a field of 10 lies within a few pixels", async ({ open }) => {
  const page = await open("#/stack?net=course&sel=4");
  await card(page).scrollIntoViewIfNeeded();
  await button(page, "Start").click();
  await says(found(page), /68 % of what this unit sees lies within [\d.]+ pixels of its centre, 95 % within [\d.]+; the field is 10 × 10\./);
  await says(fact(page, "Draws"), /^10$/);
  await says(fact(page, "Within the theoretical field"), /^100 %$/);
  assert.match(await card(page).getByRole("img").getAttribute("aria-label"), /the field is 10 × 10/);
  const [width, height] = await card(page).locator("canvas").evaluate(({ width, height }) => [width, height]);
  assert.ok(width > 100 && height > 100, `${width} × ${height}`);
  const violations = await axe(page);
  assert.deepEqual(violations.filter((it) => it.includes("effective")), []);

  // Uniform weights without nonlinearities count paths: always the same, whatever the seed.
  await card(page).getByRole("radio", { name: "All alike" }).check();
  await card(page).getByRole("switch").click();
  await button(page, "Start").click();
  await says(fact(page, "Draws"), /^10$/);
  const alike = await found(page).innerText();
  await card(page).getByRole("textbox", { name: "Seed" }).fill("77");
  await card(page).getByRole("textbox", { name: "Seed" }).press("Tab");
  await button(page, "Start").click();
  await says(fact(page, "Draws"), /^10$/);
  assert.equal(await found(page).innerText(), alike);
});

app.test("another unit has another field, and the old one goes", async ({ open }) => {
  const page = await open("#/stack?net=course&sel=4");
  await card(page).scrollIntoViewIfNeeded();
  await button(page, "Start").click();
  await says(found(page), /the field is 10 × 10/);
  await page.evaluate(() => { location.hash = "#/stack?net=course&sel=2"; });
  await becomes(() => found(page).innerText(), "");
  await button(page, "Start").click();
  await says(found(page), /the field is 5 × 5/);
});

app.test("ResNet-18 shows what there is after each draw, and stops when it is told to", async ({ open }) => {
  const page = await open("#/stack?net=resnet-18&sel=66");
  await card(page).scrollIntoViewIfNeeded();
  await draws(page, 2);
  await button(page, "Start").click();
  await becomes(() => fact(page, "Draws").innerText().catch(() => ""), "2", { within: 30_000 });
  const radius = Number((await found(page).innerText()).match(/within ([\d.]+) pixels/)[1]);
  assert.ok(radius > 20 && radius < 160, `${radius}`);
  await says(found(page), /the field is 435 × 435/);

  await draws(page, 1000);
  await button(page, "Start").click();
  await becomes(async () => Number(await fact(page, "Draws").innerText().catch(() => 0)) >= 1, true, { within: 30_000 });
  await button(page, "Cancel").click();
  await becomes(() => button(page, "Start").count(), 1);
  const stopped = await fact(page, "Draws").innerText();
  await page.waitForTimeout(1500);
  assert.equal(await fact(page, "Draws").innerText(), stopped);
});

app.test("every depth puts its effective field into the chart of growth", async ({ open }) => {
  const page = await open("#/stack?net=course&sel=4");
  await card(page).scrollIntoViewIfNeeded();
  const chart = page.getByRole("img", { name: /Growth of the receptive field/ });
  const shown = () => chart.evaluate((canvas) => canvas.toDataURL());
  const before = await shown();
  await button(page, "Every depth").click();
  await becomes(async () => await shown() !== before, true);
  await becomes(() => button(page, "Every depth").isEnabled(), true);
});
