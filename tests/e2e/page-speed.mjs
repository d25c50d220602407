// Measures the release build in headless Chromium: how soon the page is there, with the drawn figure
// and with another, and how smoothly it plays. No network throttling; files are sent as brotli.
//
//   node page-speed.mjs [--link LINK] [--loads N] [--seconds N]
//   node page-speed.mjs --depth [--seconds N]    frames of the depth view and of its flat view alone; it
//                                                 fails where the 95th percentile is above 16.8 ms
//   node page-speed.mjs --stack [--seconds N]    frames while a unit moves over the maps of VGG-16 and
//                                                 ResNet-50, one unit a frame; fails likewise

import { parseArgs } from "node:util";

import { DIST, appStarted, launch } from "./page.mjs";
import { serve } from "./server.mjs";
import { median, percentile, round } from "./statistics.mjs";

const { values } = parseArgs({
  options: {
    depth: { type: "boolean", default: false },
    stack: { type: "boolean", default: false },
    link: { type: "string", default: "#/lab?n=64x64&x=random-1" },
    loads: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
  },
});
const LOADS = Number(values.loads);
const SECONDS = Number(values.seconds);
const CPU_RATES = [1, 6];
const SPEEDS = values.depth ? ["1×", "4×", "8×", "Sweep"] : ["4×", "Sweep"];
/** A photograph's three channels under six filters of 5 × 5 × 3. */
const VOLUME = "#/lab?n=32&x=photo-chelsea&c=3&f=6&k=5&w=mixed&s=1&p=valid&b=0.1&fi=3&step=1";
/** Networks whose units are moved. */
const NETWORKS = ["#/stack?net=vgg-16", "#/stack?net=resnet-50"];
/** At 60 frames a second each may take so long, and the clock is read to a tenth. */
const FRAME_MS = 16.8;
/** A page with no long task for so long is taken to have come to rest. */
const QUIET_MS = 2000;

const server = await serve(DIST);
const browser = await launch();
let failed = false;
try {
  console.log(`${browser.browserType().name()} ${browser.version()}`);
  if (values.stack) {
    failed = !(await measureNetworks()).every((ms) => ms <= FRAME_MS);
  } else if (values.depth) {
    failed = !(await measureFrames([`${VOLUME}&view=depth`, VOLUME])).every((ms) => ms <= FRAME_MS);
  } else {
    console.log(`${LOADS} loads each, median`);
    await measureLoads();
    await measureFrames([values.link]);
  }
} catch (error) {
  failed = true;
  console.error(`page-speed: ${error.message}`);
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = failed ? 1 : 0;

async function measureLoads() {
  const rows = {};
  const cases = ["#/lab", values.link].flatMap((link) => CPU_RATES.map((cpu) => ({ link, cpu })));
  for (const { link, cpu } of cases) {
    const loads = [];
    for (let n = 0; n < LOADS; n += 1) {
      loads.push(await load(cpu, link));
    }
    rows[`${link} at ${cpu}x CPU`] = {
      "first contentful paint, ms": round(median(loads.map((l) => l.paint)), 0),
      "app started, ms": round(median(loads.map((l) => l.started)), 0),
      "total blocking time, ms": round(median(loads.map((l) => l.blocking)), 0),
      "cumulative layout shift": round(median(loads.map((l) => l.shift)), 4),
      "KiB sent": round(median(loads.map((l) => l.bytes)) / 1024, 1),
    };
  }
  console.table(rows);
}

/** One load in an empty profile. */
async function load(cpu, link) {
  const { page, context } = await newPage(cpu);
  await page.addInitScript(() => {
    const seen = { paint: 0, shift: 0, tasks: [] };
    globalThis.pageSpeed = seen;
    const observe = (type, take) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
    observe("paint", (entry) => {
      if (entry.name === "first-contentful-paint") {
        seen.paint = entry.startTime;
      }
    });
    observe("layout-shift", (entry) => {
      if (!entry.hadRecentInput) {
        seen.shift += entry.value;
      }
    });
    observe("longtask", ({ startTime, duration }) => seen.tasks.push({ startTime, duration }));
    new MutationObserver(() => {
      if (document.documentElement?.dataset.app) {
        seen.started ??= performance.now();
      }
    }).observe(document, { attributes: true, subtree: true });
  });
  await page.goto(server.url + link);
  await appStarted(page);
  await page.waitForFunction((quiet) => {
    const { tasks, started } = globalThis.pageSpeed;
    const ends = tasks.map((task) => task.startTime + task.duration);
    return performance.now() - Math.max(started, ...ends) > quiet;
  }, QUIET_MS);
  const seen = await page.evaluate(() => ({
    ...globalThis.pageSpeed,
    bytes: [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
      .reduce((sum, entry) => sum + entry.transferSize, 0),
  }));
  await context.close();
  // A task blocks for as long as it goes on after its first 50 ms, counted from the first paint.
  const blocking = seen.tasks
    .map(({ startTime, duration }) => Math.min(duration - 50, startTime + duration - seen.paint))
    .filter((ms) => ms > 0)
    .reduce((sum, ms) => sum + ms, 0);
  return { ...seen, blocking };
}

/** Prints the frames of each link; gives all 95th percentiles. */
async function measureFrames(links) {
  const tails = [];
  for (const link of links) {
    console.log(`\n${link}, playing for ${SECONDS} s`);
    tails.push(...(await measureLink(link)));
  }
  return tails;
}

async function measureLink(link) {
  const rows = {};
  const tails = [];
  for (const cpu of CPU_RATES) {
    for (const speed of SPEEDS) {
      const { deltas, work } = await play(link, cpu, speed);
      tails.push(percentile(deltas, 0.95));
      rows[`${speed} at ${cpu}x CPU`] = summary(deltas, work);
    }
  }
  console.table(rows);
  return tails;
}

/** A row of the table, from milliseconds between frames and of work in them. */
function summary(deltas, work) {
  return {
    frames: deltas.length,
    "frame median, ms": round(median(deltas), 1),
    "frame 95th, ms": round(percentile(deltas, 0.95), 1),
    "work median, ms": round(median(work), 1),
    "work 95th, ms": round(percentile(work, 0.95), 1),
  };
}

/** Prints the frames of each network while a unit moves; gives all 95th percentiles. */
async function measureNetworks() {
  const rows = {};
  const tails = [];
  for (const link of NETWORKS) {
    for (const cpu of CPU_RATES) {
      const { deltas, work } = await moveUnit(link, cpu);
      tails.push(percentile(deltas, 0.95));
      rows[`${link} at ${cpu}x CPU`] = summary(deltas, work);
    }
  }
  console.table(rows);
  return tails;
}

/** Moves the pointer over all maps, from unit to unit in each frame. */
async function moveUnit(link, cpu) {
  const { page, context } = await newPage(cpu);
  page.setDefaultTimeout(30_000);
  await page.goto(server.url + link);
  await appStarted(page);
  await page.locator(".field-stage__figure canvas").waitFor();
  await page.waitForTimeout(1500);
  const stopTrace = await trace();
  const deltas = await page.evaluate((ms) => new Promise((done) => {
    const figure = document.querySelector(".field-stage__figure");
    const box = figure.getBoundingClientRect();
    const times = [];
    const frame = (now) => {
      times.push(now);
      const turn = times.length;
      // A slow sweep across, and up and down around the axis.
      const across = (turn % 240) / 240;
      const clientX = box.left + box.width * (Math.floor(turn / 240) % 2 ? 1 - across : across);
      const clientY = box.top + box.height * (0.42 + 0.12 * Math.sin(turn / 9));
      figure.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX, clientY }));
      if (now - times[0] < ms) {
        requestAnimationFrame(frame);
      } else {
        done(times.slice(1).map((time, index) => time - times[index]));
      }
    };
    requestAnimationFrame(frame);
  }), SECONDS * 1000);
  const work = workPerFrame(await stopTrace());
  await context.close();
  return { deltas, work };
}

/** Plays a link; times between frames, and the main thread's work in each. */
async function play(link, cpu, speed) {
  const { page, context } = await newPage(cpu);
  page.setDefaultTimeout(15_000);
  await page.goto(server.url + link);
  await appStarted(page);
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: speed });
  // With the focus on a control, Space would be the control's.
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Space");
  await page.waitForTimeout(500);

  const stopTrace = await trace();
  const deltas = await page.evaluate((ms) => new Promise((done) => {
    const times = [];
    const frame = (now) => {
      times.push(now);
      if (now - times[0] < ms) {
        requestAnimationFrame(frame);
      } else {
        done(times.slice(1).map((time, index) => time - times[index]));
      }
    };
    requestAnimationFrame(frame);
  }), SECONDS * 1000);
  const work = workPerFrame(await stopTrace());
  await context.close();
  return { deltas, work };
}

/** Records what every thread of the browser does. */
async function trace() {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata"] },
  });
  return async () => {
    const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
    await session.send("Tracing.end");
    await complete;
    await session.detach();
    return events;
  };
}

/** Milliseconds of tasks on the page's main thread from one frame's callbacks to the next one's. */
function workPerFrame(events) {
  const frames = events.filter(({ name }) => name === "FireAnimationFrame");
  const thread = ({ pid, tid }) => `${pid}/${tid}`;
  const counts = new Map();
  for (const event of frames) {
    counts.set(thread(event), (counts.get(thread(event)) ?? 0) + 1);
  }
  const [main] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  const starts = frames.filter((event) => thread(event) === main).map(({ ts }) => ts).sort((a, b) => a - b);
  const tasks = events
    // Another category calls the same tasks "RunTask".
    .filter(({ name, ph, ...event }) => ph === "X" && name === "ThreadControllerImpl::RunTask" && thread(event) === main)
    .sort((a, b) => a.ts - b.ts);
  const work = [];
  let next = 0;
  for (const { ts, dur } of tasks) {
    // Several callbacks of one frame run in one task.
    let fires = false;
    while (next < starts.length && starts[next] < ts + dur) {
      fires ||= starts[next] >= ts;
      next += 1;
    }
    if (fires) {
      work.push(0);
    }
    if (work.length > 0) {
      work[work.length - 1] += dur / 1000;
    }
  }
  return work;
}

async function newPage(cpu) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  if (cpu > 1) {
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  }
  return { page, context };
}
