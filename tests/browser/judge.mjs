// What judges a page besides our own eyes: axe-core for who cannot see or point well, html-validate for the
// HTML itself, and what an old phone asks for: nothing wider than 320 pixels, nothing too small for a thumb,
// nothing heavy.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { HtmlValidate, StaticConfigLoader } from "html-validate";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** WCAG 2.2, levels A and AA, and what axe-core advises besides. */
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What nobody may be stopped by; `minor` and `moderate` are advice. */
const STOPS_PEOPLE = ["serious", "critical"];

/** The narrowest phone that is still about. */
const NARROWEST = 320;
/** A thumb's width in CSS pixels: WCAG 2.2, 2.5.5 (AAA), and what Apple asks for. */
const THUMB = 44;
/** What is tapped alone. Links in a sentence are as high as their line; a box is tapped by its label. */
const TAPPED =
  'button, .button, select, textarea, summary, nav a, a.line, label.choice, input:not([type="hidden"], [type="checkbox"], [type="radio"])';
/** Of a page: its HTML, its styles, its scripts, as they travel. */
const PAGE_BYTES = 100_000;

const validator = new HtmlValidate(
  new StaticConfigLoader({
    extends: ["html-validate:standard", "html-validate:a11y", "html-validate:document"],
    rules: {
      // A button without a type sends its form, and that is what ours are for.
      "no-implicit-button-type": "off",
      // Scripts and styles come from the market itself only: the content security policy says so.
      "require-sri": "off",
      // A table with one row of headers needs no `scope` (HTML, 4.9.10: the header's default).
      "wcag/h63": "off",
    },
  }),
);

/** By page and how it stands: what axe-core has judged. */
const judged = new Set();
/** By page and how it stands: its HTML as it came. */
const seen = new Map();

/** A page's address without what differs from one visit to the next. */
function kindOf(url) {
  const { pathname } = new URL(url);
  const [, first, ...rest] = pathname.split("/");
  if (["p", "s", "t", "o"].includes(first)) return `/${first}/*`;
  return `/${[first, ...rest.map((part) => (/[_0-9]/.test(part) ? "*" : part))].join("/")}`;
}

/** Remembers the HTML of every page that a visitor is shown, for `htmlIsSound`. */
export function remember(page) {
  page.on("response", async (response) => {
    const html = (response.headers()["content-type"] ?? "").startsWith("text/html");
    if (!html || response.request().resourceType() !== "document" || response.status() >= 300) return;
    // Who leaves before a page is there does not see it.
    const text = await response.text().catch(() => null);
    if (text === null) return;
    const stands = [/<html lang="(\w+)"/, /role="(alert)"/, /data-status="(\w+)"/].map((one) => one.exec(text)?.[1] ?? "");
    seen.set([kindOf(response.url()), ...stands].join(" ").trim(), text);
  });
}

/** html-validate finds nothing wrong with any page that was shown; gives their number. */
export async function htmlIsSound() {
  const wrongs = [];
  for (const [page, html] of seen) {
    const { results } = await validator.validateString(html);
    for (const { messages } of results) {
      for (const { ruleId, message, line } of messages) {
        wrongs.push(`${page}: ${ruleId}: ${message}: ${html.split("\n")[line - 1].trim().slice(0, 160)}`);
      }
    }
  }
  assert.deepEqual([...new Set(wrongs)], []);
  return seen.size;
}

/** Judges the page that is shown. A page that stands as it stood before on a screen as wide is judged once. */
export async function judge(page) {
  const { width, height } = page.viewportSize();
  await nothingWiderThanTheScreen(page);
  const stands = await page.evaluate(() => [
    document.documentElement.lang,
    document.querySelector('[role="alert"]') ? "refused" : "",
    document.querySelector("[data-status]")?.getAttribute("data-status"),
    document.querySelectorAll("main form").length,
  ].join());
  const key = `${width} ${kindOf(page.url())} ${stands}`;
  if (judged.has(key)) return;
  judged.add(key);
  await nobodyIsStopped(page);
  await nothingIsHeavy(page);
  if (width >= 600) return;
  await nothingIsTooSmallForAThumb(page);
  await page.setViewportSize({ width: NARROWEST, height });
  await nothingWiderThanTheScreen(page);
  await page.setViewportSize({ width, height });
}

export async function nothingWiderThanTheScreen(page) {
  const [width, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(width <= screen, `${page.url()} is ${width} pixels wide, the screen ${screen}`);
}

/** axe-core, in a world of its own: the page does not see it, and the page's policy does not bind it. */
async function nobodyIsStopped(page) {
  const cdp = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await cdp.send("Page.getFrameTree");
    const { executionContextId: contextId } = await cdp.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
    await cdp.send("Runtime.evaluate", { expression: AXE, contextId });
    const options = { runOnly: AXE_TAGS, resultTypes: ["violations"], preload: false };
    const expression = `axe.run(document, ${JSON.stringify(options)}).then((found) => JSON.stringify(found.violations))`;
    const { result, exceptionDetails } = await cdp.send("Runtime.evaluate", {
      expression, contextId, awaitPromise: true, returnByValue: true,
    });
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    const wrongs = JSON.parse(result.value).filter((one) => STOPS_PEOPLE.includes(one.impact));
    const told = wrongs.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)} (${node.any[0]?.message ?? ""})`));
    assert.deepEqual(told, [], `axe-core on ${page.url()}`);
  } finally {
    await cdp.detach();
  }
}

/** What the page weighs on its first visit, without pictures. What a service worker gives is kept on the device and
 * unpacked: it was sent before. */
async function nothingIsHeavy(page) {
  const weights = await page.evaluate(() => {
    if (navigator.serviceWorker?.controller) return null;
    const parts = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const counted = parts.filter((part) => !["img", "fetch", "xmlhttprequest"].includes(part.initiatorType));
    return counted.map((part) => [part.encodedBodySize, part.name]);
  });
  if (weights === null) return;
  const bytes = weights.reduce((sum, [weight]) => sum + weight, 0);
  assert.ok(bytes > 1000, `nothing was weighed on ${page.url()}`);
  assert.ok(bytes <= PAGE_BYTES, `${page.url()} weighs ${bytes} bytes: ${weights.join(" · ")}`);
}

async function nothingIsTooSmallForAThumb(page) {
  const small = await page.locator(TAPPED).evaluateAll((all, thumb) => all
    .filter((one) => one.checkVisibility({ checkVisibilityCSS: true }) && !one.disabled)
    .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
    .filter(([box]) => box.height > 0 && (box.height < thumb - 0.5 || box.width < thumb - 0.5))
    .map(([box, html]) => `${Math.round(box.width)} × ${Math.round(box.height)}: ${html}`), THUMB);
  assert.deepEqual(small, [], `too small for a thumb on ${page.url()}`);
}
