// A guest finds a tour for a day, buys it with a box of fruit in the same cart, pays once, and is
// checked in at the pier by the people of the tour, with and without network.
import assert from "node:assert/strict";

import { newVisitor } from "./browser.mjs";
import { scan } from "./vietqr.mjs";

const hook = (name) => `[data-test="${name}"]`;
/** People of the seed's tour operator. */
const OPERATOR = { login: process.env.TOUR_LOGIN ?? "", password: process.env.TOUR_PASSWORD ?? "cho-noi-cai-rang" };

/** Whether the market has a tour with free seats; remembers its page. */
export async function findTour({ page }, baseUrl) {
  await page.goto(`${baseUrl}/search?category=tour`);
  const links = await page.locator(hook("product-link")).evaluateAll((all) => all.map((link) => link.href));
  for (const link of links.slice(0, 10)) {
    await page.goto(link);
    const day = page.locator(hook("day")).first();
    if ((await day.count()) > 0) return { path: new URL(link).pathname, day: await day.getAttribute("data-day") };
  }
  return null;
}

/** The search by day of travel finds the tour, and its page opens on that day. */
export async function searchByDay(shopper, baseUrl) {
  const { page, tour } = shopper;
  await page.goto(`${baseUrl}/search?category=tour`);
  await page.locator("details.filters summary").click();
  await page.locator(hook("travel-date")).fill(tour.day);
  await page.locator(hook("travel-date")).press("Enter");
  await page.waitForURL(/date=/);
  await page.locator(`a${hook("product-link")}[href^="${tour.path}?"]`).first().click();
  await page.waitForURL(new RegExp(`day=${tour.day}`));
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

/** The operator's phone lets the first guest in, and the second one without network. */
export async function checkIn(shopper, browser, baseUrl, viewport) {
  const { context, page, wrongs } = await newVisitor(browser, baseUrl, viewport);
  try {
    await page.goto(`${baseUrl}/sign-in`);
    await page.locator('[name="login"]').fill(OPERATOR.login);
    await page.locator('[name="password"]').fill(OPERATOR.password);
    await page.locator('form[action="/sign-in"] button').click();
    await page.goto(`${baseUrl}/my-shops`);
    const shops = await page.locator('main a[href^="/my-shops/shop_"]').evaluateAll((all) => all.map((link) => link.pathname));
    assert.ok(shops.length > 0, "the operator has a shop");
    await page.goto(`${baseUrl}${shops[0]}/check-in`);
    await page.locator("[data-offline-ready]").waitFor({ state: "visible" });
    const [first, second] = shopper.codes;
    const outcome = async (code, pending) => {
      await page.locator(hook("checkin-code")).fill(code);
      await page.locator("[data-typed] button").click();
      const verdict = page.locator(`${hook("verdict")}[data-pending="${pending}"]`);
      await verdict.waitFor();
      return verdict.getAttribute("data-outcome");
    };
    // Today's guests board; those of another day are told so, and nobody is let in by mistake.
    const today = shopper.tour.day === new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
    const online = await outcome(first, "no");
    assert.equal(online, today ? "ADMITTED" : "NOT_TODAY");
    const forged = first.slice(0, -1) + (first.endsWith("0") ? "1" : "0");
    assert.equal(await outcome(forged, "no"), "FORGED");
    await context.setOffline(true);
    const alone = await outcome(second, "yes");
    assert.equal(alone, today ? "ADMITTED" : "NOT_TODAY");
    await context.setOffline(false);
    await page.locator('[data-checkin][data-queued="0"]').waitFor({ timeout: 20_000 });
    assert.deepEqual(wrongs.filter((wrong) => !wrong.includes("ERR_INTERNET_DISCONNECTED")), []);
  } finally {
    await context.close();
  }
}
