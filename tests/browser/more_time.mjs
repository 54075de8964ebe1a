// The transfer is on its way and the time is nearly up: the shopper says so, and the market waits longer, once.
import assert from "node:assert/strict";

import { newVisitor } from "./browser.mjs";

const hook = (name) => `[data-test="${name}"]`;
/** How much longer, as the page promises. */
const LONGER_MS = 10 * 60_000;
const MINUTE_MS = 60_000;

/** Until when the page that is shown takes the money: as people read it, and as scripts do. */
async function end(page) {
  const told = (await page.locator(hook("pay-until")).innerText()).trim();
  const [, day, month, year, time] = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d)$/.exec(told) ?? assert.fail(`no moment: ${told}`);
  const attribute = await page.locator(hook("pay")).getAttribute("data-until");
  const payload = await page.locator(hook("vietqr-payload")).getAttribute("data-payload");
  return { told: Date.parse(`${year}-${month}-${day}T${time}+07:00`), at: Date.parse(attribute), attribute, payload };
}

/** The page waits ten minutes longer than before, for the same transfer, and nobody asks it for more. */
async function waitsLonger(page, before) {
  const after = await end(page);
  assert.equal(after.at - before.at, LONGER_MS);
  assert.equal(after.told, after.at - (after.at % MINUTE_MS), "people read what the market counts");
  assert.equal(after.payload, before.payload, "the transfer that is on its way still fits");
  assert.equal(await page.locator(hook("extend")).count(), 0, "nobody is offered it twice");
}

const thanked = (page) => page.locator('.notice[role="status"]', { hasText: "Đã giữ thêm" }).waitFor();

/** Once: who sends the form again, from a page that stood open, gets the same end. */
export async function sayItIsOnItsWay({ page }, baseUrl) {
  const before = await end(page);
  await page.locator(hook("extend")).click();
  await thanked(page);
  await waitsLonger(page, before);
  const again = await page.context().request.post(`${page.url()}/extend`, { headers: { origin: baseUrl } });
  assert.equal(again.status(), 200);
  await page.reload();
  await waitsLonger(page, before);
}

/** A browser without scripts says it; the page that stands open beside it says so by itself. */
export async function sayItWithoutScripts({ page }, browser, baseUrl, viewport) {
  const before = await end(page);
  // What a script wrote into the page is gone when the page is loaded again.
  await page.evaluate(() => { window.loadedOnce = true; });
  const { context, page: plain, wrongs } = await newVisitor(browser, baseUrl, viewport, { javaScriptEnabled: false });
  try {
    await context.addCookies(await page.context().cookies());
    await plain.goto(page.url());
    await plain.locator(hook("extend")).click();
    await thanked(plain);
    await waitsLonger(plain, before);
    assert.deepEqual(wrongs, []);
  } finally {
    await context.close();
  }
  await page.locator(`${hook("pay")}:not([data-until="${before.attribute}"])`).waitFor();
  await waitsLonger(page, before);
  assert.equal(await page.evaluate(() => window.loadedOnce), true, "the page was not loaded again");
}
