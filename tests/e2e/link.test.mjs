// The address holds the figure: it opens elsewhere, survives a reload, and a broken or hostile one
// still gives a page that can be used.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { appStarted, start } from "./page.mjs";
import { INPUT, becomes, choosePreset, numbersOf, randomWhole, says, sentence, type } from "./lab.mjs";

const app = await start();

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const notices = (page) => page.getByRole("list", { name: "About this link" });
const steps = (page) => page.getByRole("slider", { name: "Step", exact: true });

/** All that a link must restore, as far as the page says it. */
async function shown(page) {
  return {
    sentence: await sentence(page),
    input: await numbersOf(page, INPUT),
    kernel: await numbersOf(page, "Kernel"),
    output: await numbersOf(page, "Output"),
    step: await steps(page).inputValue(),
    mode: await page.getByRole("combobox", { name: "What stands in the padding" }).inputValue(),
  };
}

/** An edited figure, far from every default. */
async function edited(page) {
  await page.getByRole("radio", { name: "Numbers" }).click();
  await page.getByRole("combobox", { name: "Numbers" }).selectOption({ label: "Columns" });
  await type(page, "H × W, number", "7");
  await page.getByRole("gridcell", { name: /^Weight row 0, column 1/ }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("0.3");
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "What stands in the padding" }).selectOption({ label: "Circular" });
  await type(page, "Bias, number", "-2.5");
  await steps(page).fill("11");
}

app.test("the address follows the figure, and a reload keeps it", async ({ open }) => {
  const page = await open();
  await edited(page);
  const before = await shown(page);
  await becomes(async () => /step=11/.test(page.url()), true);
  await page.reload();
  await appStarted(page);
  assert.deepEqual(await shown(page), before);
  assert.equal(await notices(page).count(), 0);
});

app.test("a copied link opens the same figure elsewhere", async ({ open }) => {
  const page = await open("", { permissions: ["clipboard-read", "clipboard-write"] });
  await edited(page);
  const before = await shown(page);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Copy link" }).click();
  await says(page.locator("#share-menu"), /Link copied/);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(app.server.url), link);
  const other = await open(link);
  assert.deepEqual(await shown(other), before);
  assert.equal(await notices(other).count(), 0);
});

app.test("back and forward go between presets", async ({ open }) => {
  const page = await open();
  const ends = (text) => becomes(async () => (await sentence(page)).endsWith(text) || sentence(page), true);
  await choosePreset(page, "Dilation");
  await ends("turns 7 × 7 into 3 × 3");
  await choosePreset(page, "Full padding, no strides");
  await ends("turns 5 × 5 into 7 × 7");
  await page.goBack();
  await ends("turns 7 × 7 into 3 × 3");
  await page.goBack();
  await ends("turns 5 × 5 into 3 × 3");
  await page.goForward();
  await ends("turns 7 × 7 into 3 × 3");
  await page.goForward();
  await ends("turns 5 × 5 into 7 × 7");
});

app.test("a link in the address bar of the open page is followed", async ({ open }) => {
  const page = await open();
  await page.evaluate(() => { location.hash = "#/lab?n=4&s=1&p=0"; });
  await becomes(() => sentence(page), "A 3 × 3 kernel at stride 1, no padding, turns 4 × 4 into 2 × 2");
  await page.evaluate(() => { location.hash = "#/embed/lab?n=4&s=1&p=0"; });
  await page.getByRole("link", { name: /open in convscope/ }).waitFor();
  await page.goBack();
  await page.getByRole("form", { name: "Controls" }).waitFor();
});

app.test("every published example opens without a notice", async ({ open }) => {
  const links = (await readFile(join(root, "public", "examples.txt"), "utf8")).trim().split("\n");
  assert.ok(links.length > 20);
  const page = await open();
  for (const link of links) {
    await page.goto("about:blank");
    await page.goto(app.server.url + link);
    await appStarted(page);
    const says = link.startsWith("#/stack") ? /sees \d+|is seen by \d+/ : /turns? [\d × ]+ into [\d × ]+/;
    assert.match(await page.getByRole("heading", { level: 1 }).textContent(), says, link);
    assert.equal(await notices(page).count(), 0, link);
  }
});

app.test("one's own picture is not in its link: a sample stands in, and it is said", async ({ open }) => {
  const page = await open("#/lab?x=own&n=30x40");
  await says(notices(page), /The sender’s own picture is not in the link; a sample stands in: Photographer/);
  assert.match(await sentence(page), /turns 30 × 40 into/);
  await page.shot("link-own-picture");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await becomes(() => notices(page).count(), 0);
});

const random = randomWhole(77);
const bytes = Array.from({ length: 600 }, () => `%${random(0, 255).toString(16).padStart(2, "0")}`).join("");
const letters = Array.from({ length: 600 }, () => String.fromCharCode(random(33, 126))).join("");
const BROKEN = [
  ["numbers that cannot be", "#/lab?n=0&k=-3&s=0&d=0&p=-1", /Stride 0 in the link is not possible; 1 is used/],
  ["a kernel larger than the padded input", "#/lab?n=3&k=9&p=0", /./],
  ["reflect padding too large", "#/lab?n=3&p=5&m=reflect", /./],
  ["not a number", "#/lab?n=NaN&b=NaN&s=Infinity&step=NaN", /./],
  ["numbers beyond all bounds", "#/lab?n=99999999999999999999x1e9&k=4294967297&p=18446744073709551615", /./],
  ["unknown keys", "#/lab?colour=blue&n=5", /“colour” in the link is not known and was left out/],
  ["an unknown page", "#/learn/padding", /There is no page “learn\/padding”; the lab is shown/],
  ["a lone percent sign", "#/lab?n=%", /./],
  ["percent signs that end early", "#/lab?x=%F0%9F&m=%E2", /./],
  ["a script", "#/lab?n=<script>globalThis.hacked=1</script>&m=\"><img src=x onerror=globalThis.hacked=1>", /./],
  ["a script as page", "#/<img src=x onerror=globalThis.hacked=1>", /./],
  ["random bytes", `#/lab?${bytes}`, /./],
  ["random letters", `#/lab?n=${letters}`, /./],
  ["100,000 characters", `#/lab?x=${"7,".repeat(50_000)}`, /The link is 100,00\d characters long; only the first 80,000 were read/],
  ["100,000 keys", `#/lab?${"n=5&".repeat(25_000)}`, /./],
  ["a million characters", `#/lab?w=${"9".repeat(1_000_000)}`, /The link is 1,000,00\d characters long/],
];
for (const [what, link, notice] of BROKEN) {
  app.test(`a link with ${what} gives a page that can be used, and says so`, async ({ open }) => {
    const page = await open(link);
    await says(notices(page), notice);
    assert.ok((await notices(page).getByRole("listitem").count()) <= 8);
    assert.match(await sentence(page), /turns? [\d × ]+ into [\d × ]+/);
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
    // It can be used.
    await page.keyboard.press("Home");
    await becomes(() => steps(page).inputValue(), "1");
    await choosePreset(page, "Dilation");
    await becomes(async () => (await sentence(page)).endsWith("turns 7 × 7 into 3 × 3"), true);
    assert.equal(await notices(page).count(), 0);
  });
}

app.test("a link is repaired to what is shown, so that it can be shared again", async ({ open }) => {
  const page = await open("#/lab?n=6&s=0");
  await notices(page).waitFor();
  const before = await shown(page);
  await steps(page).fill("1");
  await becomes(async () => /step=1/.test(page.url()) && !/s=0/.test(page.url()), true);
  const other = await open(page.url());
  assert.equal(await notices(other).count(), 0);
  assert.equal(await sentence(other), before.sentence);
});
