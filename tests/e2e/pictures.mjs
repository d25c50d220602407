// Pictures of what the lab is asked to show, for notes, documentation and a look at a change: each in light, in dark,
// on a phone and on a projector.
//
//   node pictures.mjs [--out FOLDER] [--only TEXT]

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { DIST, appStarted, launch } from "./page.mjs";
import { serve } from "./server.mjs";

const { values } = parseArgs({
  options: { out: { type: "string", default: "artefacts/pictures" }, only: { type: "string", default: "" } },
});

const SCREENS = {
  light: { viewport: { width: 1366, height: 768 } },
  dark: { viewport: { width: 1366, height: 768 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
  projector: { viewport: { width: 1920, height: 1080 } },
};
/** A link, what is scrolled to, and under which tab that is on a phone. */
const PICTURES = {
  "photograph through six filters":
    { link: "#/lab?n=32&x=photo-chelsea&c=3&f=6&k=5&w=mixed&s=1&p=valid&b=0.1&view=depth&fi=3&step=407" },
  "groups in the middle":
    { link: "#/lab?n=8&x=random-1&c=4&f=8&g=2&w=random-1&s=1&view=depth&fi=3&step=20", part: "[aria-label=Groups]", tab: "Controls" },
  "transposed with its checkerboard":
    { link: "#/lab?o=transposed&x=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1&w=1,1,1,1,1,1,1,1,1&b=none&step=16" },
  "window that rounding up drops":
    { link: "#/lab?o=max&n=10&k=1&p=0&ceil=1&b=none&step=25" },
  "rules on the stem of ResNet":
    { link: "#/lab?x=photo-chelsea&k=7&p=3&b=none&step=6329", part: ".rules", tab: "Arithmetic" },
};

await mkdir(values.out, { recursive: true });
const server = await serve(DIST);
const browser = await launch();
try {
  for (const [name, { link, part, tab }] of Object.entries(PICTURES)) {
    for (const [screen, options] of Object.entries(SCREENS)) {
      const title = `${name} ${screen}`;
      if (!title.includes(values.only)) {
        continue;
      }
      const context = await browser.newContext(options);
      const page = await context.newPage();
      await page.goto(server.url + link);
      await appStarted(page);
      // What arrives later changes the page once more.
      await page.waitForTimeout(1500);
      if (tab && screen === "phone") {
        await page.getByRole("navigation", { name: "Sheets" }).getByRole("button", { name: tab }).click();
      }
      if (part) {
        await page.locator(part).first().evaluate((it) => it.scrollIntoView({ block: "start" }));
      }
      await page.waitForTimeout(300);
      const file = join(values.out, `${title.replaceAll(" ", "-")}.png`);
      await page.screenshot({ path: file });
      console.log(file);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.close();
}
