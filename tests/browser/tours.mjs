// A guest finds a tour for a day, buys it with a box of fruit in the same cart, pays once, and is
// checked in at the pier by the people of the tour, with and without network.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { newVisitor } from "./browser.mjs";
import { scan } from "./vietqr.mjs";

const hook = (name) => `[data-test="${name}"]`;
/** Everybody's password in a seeded market. */
const PASSWORD = process.env.SEED_PASSWORD ?? "cho-noi-cai-rang";
const SHOPS = new URL("../../infra/chonoi/seed/shops.csv", import.meta.url);
/** Days ahead in which a tour is looked for. */
const DAYS = 10;

const dayAhead = (days) => new Date(Date.now() + (7 + 24 * days) * 3_600_000).toISOString().slice(0, 10);

/** A tour with free seats in the next days, and the day; null in a market without tours. */
export async function findTour(baseUrl, browser) {
  const { context, page } = await newVisitor(browser, baseUrl, { width: 360, height: 740 });
  try {
    for (let ahead = 0; ahead < DAYS; ahead += 1) {
      const day = dayAhead(ahead);
      await page.goto(`${baseUrl}/search?date=${day}`);
      const links = await page.locator(hook("product-link")).evaluateAll((all) => all.map((link) => link.pathname));
      if (links.length > 0) return { path: links[0], day };
    }
    return null;
  } finally {
    await context.close();
  }
}

/** Login of the shopkeeper whose shop has this page: the seed numbers them as the file does. */
async function ownerOf(shopPath) {
  const lines = (await readFile(SHOPS, "utf8")).trim().split("\n").slice(1);
  const at = lines.findIndex((line) => line.startsWith(`${shopPath.split("/").pop()},`));
  assert.ok(at >= 0, `the seed has no shop ${shopPath}`);
  return `chushop${at + 1}@chonoi.example`;
}

/** The search by day of travel finds the tour, and its page opens on that day. */
export async function searchByDay(shopper, baseUrl) {
  const { page, tour } = shopper;
  await page.goto(`${baseUrl}/search`);
  await page.locator("details.filters summary").click();
  await page.locator(hook("travel-date")).fill(tour.day);
  await page.locator(hook("travel-date")).press("Enter");
  await page.waitForURL(/date=/);
  await page.locator(`a${hook("product-link")}[href^="${tour.path}?"]`).first().click();
  await page.waitForURL(new RegExp(`day=${tour.day}`));
  shopper.shop = await page.locator('main a[href^="/s/"]').first().getAttribute("href");
  shopper.tourShop = shopper.shop;
}

/** Two guests of a departure of that day go into the cart. */
export async function chooseSeats(shopper) {
  const { page } = shopper;
  if ((await page.locator(hook("option")).count()) === 0) await page.locator(hook("departure")).first().click();
  const option = page.locator(hook("option")).first();
  await option.waitFor();
  const guests = option.locator('.count-row input[type="number"]');
  await guests.first().fill("2");
  await option.locator(hook("add-tickets")).click();
  await page.waitForURL("**/cart");
}

/** The tickets are there, one QR a guest, and each QR says what the page says. */
export async function showTickets(shopper) {
  const { page } = shopper;
  await page.locator(hook("show-tickets")).click();
  await page.waitForURL("**/tickets");
  const tickets = page.locator(hook("ticket"));
  assert.equal(await tickets.count(), 2, "one ticket a guest");
  shopper.codes = [];
  for (let index = 0; index < 2; index += 1) {
    const ticket = tickets.nth(index);
    const code = await ticket.getAttribute("data-code");
    assert.equal(scan(await ticket.locator(".qr").screenshot()), code, "the picture says what the page says");
    shopper.codes.push(code);
  }
  assert.notEqual(shopper.codes[0], shopper.codes[1]);
}

/** What a phone has loaded once opens without network. */
export async function ticketsWithoutNetwork({ page, wrongs }) {
  await page.locator("[data-offline-ready]").waitFor({ state: "visible" });
  const before = wrongs.length;
  await page.context().setOffline(true);
  await page.reload();
  assert.equal(await page.locator(hook("ticket")).count(), 2);
  await page.context().setOffline(false);
  // The browser says that it is away, as it should.
  wrongs.length = before;
}

/** The operator's phone judges both guests, and a code that nobody issued. */
export async function checkIn(shopper, browser, baseUrl, viewport) {
  const { context, page, wrongs } = await newVisitor(browser, baseUrl, viewport);
  try {
    await page.goto(`${baseUrl}/sign-in`);
    await page.locator('[name="login"]').fill(await ownerOf(shopper.tourShop));
    await page.locator('[name="password"]').fill(PASSWORD);
    await page.locator('form[action="/sign-in"] button').click();
    await page.goto(`${baseUrl}/my-shops`);
    const shops = await page.locator('main a[href^="/my-shops/shop_"]').evaluateAll((all) => all.map((link) => link.pathname));
    assert.ok(shops.length > 0, "the operator has a shop");
    await page.goto(`${baseUrl}${shops[0]}/check-in`);
    await page.locator("[data-offline-ready]").waitFor({ state: "visible" });
    const [first, second] = shopper.codes;
    const judged = async (code, outcome, pending) => {
      await page.locator(hook("checkin-code")).fill(code);
      await page.locator("[data-typed] button").click();
      // The verdict of the scan before stands until this one's comes.
      await page.locator(`${hook("verdict")}[data-pending="${pending}"][data-outcome="${outcome}"]`).waitFor();
    };
    // Today's guests board; those of another day are told so, and nobody is let in by mistake.
    const today = shopper.tour.day === dayAhead(0);
    const own = today ? "ADMITTED" : "NOT_TODAY";
    await judged(first, own, "no");
    const forged = first.slice(0, -1) + (first.endsWith("0") ? "1" : "0");
    await judged(forged, "FORGED", "no");
    await judged(second, own, "no");
    await page.locator('[data-checkin][data-queued="0"]').waitFor({ timeout: 20_000 });
    assert.deepEqual(wrongs.filter((wrong) => !wrong.includes("ERR_INTERNET_DISCONNECTED")), []);
  } finally {
    await context.close();
  }
}
