// What the tests of the stack page share: how to read its table as a reader does, and to open it for measuring.

import { becomes } from "./lab.mjs";
import { appStarted } from "./page.mjs";

/** Opens the stack page at rest, from then on with a CPU `cpu` times as slow. */
export async function openSlow(browser, address, cpu) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(address);
  await appStarted(page);
  await page.locator("#layer-1-kernel").waitFor();
  await page.waitForTimeout(1000);
  if (cpu > 1) {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  }
  return { page, context };
}

export const table = (page) => page.getByRole("table", { name: "Layers" });

/** Rows of the table that are in the page: `[layer, kind, output, field, jump, start, parameters, memory, MACs]`. */
export function rows(page) {
  return table(page).evaluate((element) => [...element.querySelectorAll(".layers__rows tr[data-at]")].map((row) => {
    const text = (selector) => row.querySelector(selector)?.innerText.trim() ?? "";
    const select = row.querySelector("select");
    const numbers = [...row.querySelectorAll(".layers__number")].map((cell) => cell.innerText.trim());
    return [
      Number(row.dataset.at), select ? select.selectedOptions[0].text : text(".layers__input"), text(".layers__output"),
      text(".layers__field"), ...numbers, text(".layers__params"), text(".layers__memory"), text(".layers__macs"),
    ];
  }));
}

/** One column of the rows: `await column(page, 3)` are the fields. */
export const column = async (page, index) => (await rows(page)).map((row) => row[index]);
export const fields = (page) => column(page, 3);
export const kinds = async (page) => (await column(page, 1)).slice(1);

/** Waits until the fields of all rows are these. */
export const fieldsBecome = (page, expected) => becomes(() => fields(page), expected);
export const kindsBecome = (page, expected) => becomes(() => kinds(page), expected);

export const setting = (page, layer, name) => page.getByRole("textbox", { name: `Layer ${layer}: ${name}`, exact: true });
export const grip = (page, layer) => page.getByRole("button", { name: `Move layer ${layer}`, exact: true });
export const show = (page, layer) => page.getByRole("radio", { name: `Show layer ${layer}`, exact: true });

/** Types a setting and leaves its field. */
export async function type(page, layer, name, text) {
  await setting(page, layer, name).fill(text);
  await setting(page, layer, name).press("Tab");
}

/** What a screen reader was told last. */
export const said = (page) => page.locator(".stack__said").innerText();

/** The identifier of what has the focus: `layer-3-kernel`. */
export const focused = (page) => page.evaluate(() => document.activeElement?.id ?? "");

/** The fragment of the address, once it has stood for a moment. */
export async function link(page) {
  await page.waitForTimeout(450);
  return page.evaluate(() => location.hash);
}
