// What every end-to-end test shares: one Chromium and one server for a test file, and pages that
// fail their test for whatever a careful reader of the console would complain about.
//
//   import { start } from "./page.mjs";
//   const app = await start();
//   app.test("the lab opens", async ({ open }) => {
//     const page = await open("#/lab", { theme: "dark" });
//     await page.getByRole("button", { name: "Play" }).click();
//     await page.shot("lab-dark");
//   });

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { serve } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const ARTEFACTS = join(here, "artefacts");
export const DIST = process.env.CONVSCOPE_DIST ?? join(here, "..", "..", "dist");

const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
];

/**
 * Starts the system's Chromium. `cameraAllowed` answers its question about the camera with yes; `cameraRate`
 * is how many frames a second its fake camera gives, instead of 20.
 */
export function launch({ cameraAllowed = false, cameraRate } = {}) {
  const candidates = [process.env.CONVSCOPE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"];
  const executablePath = candidates.find((path) => path && existsSync(path));
  assert.ok(executablePath, "no Chromium found; say where it is in CONVSCOPE_CHROMIUM");
  const args = cameraAllowed ? [...CHROMIUM_ARGS, "--use-fake-ui-for-media-stream"] : [...CHROMIUM_ARGS];
  if (cameraRate) {
    args.push(`--use-fake-device-for-media-stream=fps=${cameraRate}`);
  }
  return chromium.launch({ executablePath, args });
}

/**
 * A server of the release build and a browser, both ended after the file's last test.
 *
 * `pages` are further pages for the server, `cameraAllowed` is about the browser's question.
 */
export async function start({ pages, cameraAllowed } = {}) {
  assert.ok(existsSync(join(DIST, "index.html")), `${DIST} holds no page; build it first`);
  const server = await serve(DIST, { pages });
  const browser = await launch({ cameraAllowed }).catch(async (error) => {
    await server.close();
    throw error;
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  return {
    server,
    browser,
    /** A test whose pages had nothing to complain about; a picture is kept of each that fails. */
    test(name, body) {
      test(name, async (t) => {
        const pages = [];
        const open = async (link = "", options = {}) => {
          const page = await openPage(browser, server, link, options, pages);
          return page;
        };
        try {
          await body({ open, t });
          assert.deepEqual(pages.flatMap((page) => page.problems), []);
        } catch (error) {
          const problems = pages.flatMap((page) => page.problems);
          if (problems.length > 0) {
            t.diagnostic(`the page complained: ${problems.join(" | ")}`);
          }
          for (const [index, page] of pages.entries()) {
            await page.shot(`failed ${name} ${index + 1}`).catch(() => {});
          }
          throw error;
        } finally {
          await Promise.all(pages.map((page) => page.context().close()));
        }
      });
    },
  };
}

/**
 * Opens a link (`#/lab?..`, a file beside the page, or a path of the server) in a fresh profile
 * and waits until the app runs.
 *
 * Options: `viewport` (`{ width, height }`), `theme` (`light`, `dark`), `reducedMotion`,
 * `forcedColors`, `hasTouch` (all booleans), `scale` (device pixels per CSS pixel), `cpu` (how many times slower),
 * `permissions`, `locale`, `javaScript` (false turns it off), `ready` (false does not wait for the app), `before`
 * (called with the page before it loads), `allow` (patterns of complaints that are expected).
 */
async function openPage(browser, server, link, options, opened) {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1280, height: 800 },
    deviceScaleFactor: options.scale ?? 1,
    colorScheme: options.theme ?? "light",
    reducedMotion: options.reducedMotion ? "reduce" : "no-preference",
    forcedColors: options.forcedColors ? "active" : "none",
    hasTouch: options.hasTouch ?? false,
    javaScriptEnabled: options.javaScript ?? true,
    permissions: options.permissions ?? [],
    locale: options.locale ?? "en-GB",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  opened.push(page);
  page.problems = [];
  const complain = (text) => {
    if (!(options.allow ?? []).some((pattern) => pattern.test(text))) {
      page.problems.push(text);
    }
  };
  watch(page, server, complain);
  page.shot = async (name) => {
    await mkdir(ARTEFACTS, { recursive: true });
    const file = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.png`;
    await page.screenshot({ path: join(ARTEFACTS, file) });
  };
  page.throttle = async (rate) => {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate });
  };
  if (options.cpu) {
    await page.throttle(options.cpu);
  }
  await options.before?.(page);
  await page.goto(new URL(link, server.url).href);
  if (options.ready !== false && options.javaScript !== false) {
    await appStarted(page);
  }
  return page;
}

/** Waits for what `start.js` says once the app runs, and fails when it says that it does not. */
export async function appStarted(page) {
  await page.waitForFunction(() => ["started", "failed"].includes(document.documentElement.dataset.app));
  const state = await page.evaluate(() => document.documentElement.dataset.app);
  assert.equal(state, "started");
}

/** Everything that must not happen on a page. */
function watch(page, server, complain) {
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complain(`console ${message.type()}: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => complain(`uncaught: ${error.message}`));
  page.on("crash", () => complain("the page crashed"));
  page.context().on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== server.origin && !["data:", "blob:"].includes(url.protocol)) {
      complain(`request to another origin: ${url}`);
    }
  });
  page.context().on("response", (response) => {
    if (response.status() >= 400) {
      complain(`${response.status()} for ${response.url()}`);
    }
  });
  page.context().on("requestfailed", (request) => {
    // What a page was still loading when it was left has not failed.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") {
      complain(`failed: ${request.url()}: ${request.failure()?.errorText}`);
    }
  });
  // Chromium also writes most of these to the console, but not those of frames and workers.
  page.context().addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy ${event.effectiveDirective} refused ${event.blockedURI}`);
    });
  });
}

let axeSource;

/** What axe-core finds wrong with the page, one line for each place. */
export async function axe(page) {
  axeSource ??= await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  // Not as a script element: the page's policy would refuse it, rightly.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help}: ${target.join(" ")}`));
}
