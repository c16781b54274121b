// Looks at a running site as a visitor does, and fails if anything is amiss.
//
//   NODE_PATH=target/browser/node_modules node tests/browser/check.mjs [--shots DIR] URL...
//
// Each URL is a start; every page of the same origin that it leads to is visited too. Every page is
// seen on a phone and on a desktop, by day and by night, and must have
// - a 2xx answer, no failed request, no word in the console,
// - nothing wider than the screen,
// - nothing that axe complains of,
// - no request to another origin.
// A URL whose last part is "missing" must answer 404, and is looked at all the same.
//
// --shots DIR   write a picture of each view there
// The packages come from NODE_PATH (default: target/browser/node_modules), the browser from
// CHROMIUM (default: /usr/bin/chromium). Exits 1 if there are faults, 2 if it could not look at all.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const PAGES_MAX = 200;
const WAIT_MS = 30_000;
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 900 };
const VIEWS = [
  { screen: "phone", size: PHONE, scheme: "light" },
  { screen: "phone", size: PHONE, scheme: "dark" },
  { screen: "desktop", size: DESKTOP, scheme: "light" },
  { screen: "desktop", size: DESKTOP, scheme: "dark" },
];
const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const packages = resolve(process.env.NODE_PATH ?? "target/browser/node_modules");

async function main(args) {
  const { shots, starts } = parse(args);
  const { chromium, axe } = load();
  const profile = mkdtempSync(join(tmpdir(), "littoral-browser-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: CHROMIUM_ARGS,
    headless: true,
    ignoreHTTPSErrors: true,
    reducedMotion: "reduce",
  });
  try {
    return await visitAll(browser, { axe, shots, starts });
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

function parse(args) {
  const starts = [];
  let shots;
  for (let i = 0; i < args.length; i += 1) {
    if (args[i] === "--shots") shots = args[(i += 1)];
    else starts.push(new URL(args[i]).href);
  }
  if (starts.length === 0) throw new Error("usage: check.mjs [--shots DIR] URL...");
  if (shots) mkdirSync(shots, { recursive: true });
  return { shots, starts };
}

function load() {
  const require = createRequire(join(packages, "any.js"));
  try {
    const { chromium } = require("playwright-core");
    return { chromium, axe: readFileSync(require.resolve("axe-core/axe.min.js"), "utf8") };
  } catch {
    throw new Error(`its packages are not in ${packages}; packaging/setup test puts them there`);
  }
}

/** Visits every page; returns the number of faults. */
async function visitAll(browser, { axe, shots, starts }) {
  const seen = new Set(starts);
  let faults = 0;
  for (const url of seen) {
    const found = await visit(browser, { url, axe, shots });
    faults += found.faults.length;
    for (const fault of found.faults) console.error(`${url}: ${fault}`);
    for (const link of found.links) if (seen.size < PAGES_MAX) seen.add(link);
  }
  console.log(`browser: ${seen.size} pages in ${VIEWS.length} views each, ${faults} faults`);
  return faults;
}

/** Loads one page and looks at it in each view; returns what is wrong with it and where it leads. */
async function visit(browser, { url, axe, shots }) {
  const page = await browser.newPage();
  const faults = [];
  listen(page, url, (fault) => faults.push(fault));
  try {
    const answer = await page.goto(url, { waitUntil: "load", timeout: WAIT_MS });
    const status = answer?.status() ?? 0;
    if (isMissing(url) ? status !== 404 : status < 200 || status > 299) faults.push(`status ${status}`);
    await page.evaluate(axe);
    for (const { screen, size, scheme } of VIEWS) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      const found = [...(await tooWide(page)), ...(await axeFaults(page))];
      faults.push(...found.map((fault) => `${screen}, ${scheme}: ${fault}`));
      if (shots) await page.screenshot({ path: join(shots, `${nameOf(url)}-${screen}-${scheme}.png`), fullPage: true });
    }
    return { faults, links: await innerLinks(page) };
  } finally {
    await page.close();
  }
}

/** Tells what goes wrong around the page: its console, its scripts, its requests. */
function listen(page, url, tell) {
  page.on("console", (message) => {
    const expected = isMissing(url) && message.text().includes("404");
    if (["error", "warning"].includes(message.type()) && !expected) tell(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => tell(`script: ${error.message}`));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== "data:" && asked.origin !== new URL(url).origin) tell(`asks another origin: ${asked}`);
  });
  page.on("requestfailed", (request) => tell(`request failed: ${request.url()} (${request.failure()?.errorText})`));
  page.on("response", (response) => {
    if (response.status() >= 400 && response.url() !== url) tell(`${response.status()} for ${response.url()}`);
  });
}

/** Whether the page can be scrolled sideways, and what sticks out. */
async function tooWide(page) {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > clientWidth + 1);
    const names = wide.slice(-3).map((e) => e.outerHTML.slice(0, 80));
    return [`${scrollWidth - clientWidth} pixels wider than the screen: ${names.join(" ")}`];
  });
}

/** What axe finds, one line for each element. */
async function axeFaults(page) {
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `axe ${id}: ${help}: ${node.target.join(" ")}: ${node.html.slice(0, 120)} ${node.any[0]?.message ?? ""}`),
  );
}

/** The pages of the same origin that this one links to; files are no pages. */
async function innerLinks(page) {
  const links = await page.evaluate(() => [...document.links].map((link) => link.href));
  const here = new URL(page.url()).origin;
  return links
    .map((link) => new URL(link))
    .filter((link) => link.origin === here && !/\.\w+$/.test(link.pathname))
    .map((link) => `${link.origin}${link.pathname}`);
}

function isMissing(url) {
  return /\/missing\/?$/.test(new URL(url).pathname);
}

function nameOf(url) {
  return new URL(url).pathname.replace(/^\/|\/$/g, "").replaceAll("/", "-") || "home";
}

try {
  process.exitCode = (await main(process.argv.slice(2))) === 0 ? 0 : 1;
} catch (error) {
  console.error(`browser: ${error.message}`);
  process.exitCode = 2;
}
