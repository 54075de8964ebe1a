// A guest finds a tour for a day, buys it with a box of fruit in the same cart, pays once, and is
// checked in at the pier by the people of the tour, with and without network.
import assert from "node:assert/strict";

import { Api, PASSWORD } from "./boat.mjs";
import { newVisitor } from "./browser.mjs";
import { judge } from "./judge.mjs";
import { setNetwork } from "./network.mjs";
import { scan } from "./vietqr.mjs";

const hook = (name) => `[data-test="${name}"]`;

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
export async function ticketsWithoutNetwork({ page, wrongs }, browser) {
  await page.locator("[data-offline-ready]").waitFor({ state: "visible" });
  const before = wrongs.length;
  await setNetwork(browser, page, false);
  await page.reload();
  assert.equal(await page.locator(hook("ticket")).count(), 2);
  await setNetwork(browser, page, true);
  // The browser says that it is away, as it should.
  wrongs.length = before;
}

/** Somebody who runs the boat, signed in: once, as people do who stay signed in. */
export async function boatman({ tour }, browser, baseUrl, viewport) {
  const visitor = await newVisitor(browser, baseUrl, viewport);
  const { context, page } = visitor;
  if (tour.cookies) {
    await context.addCookies(tour.cookies);
    return visitor;
  }
  await page.goto(`${baseUrl}/sign-in`);
  await page.locator('[name="login"]').fill(tour.login);
  await page.locator('[name="password"]').fill(PASSWORD);
  await page.locator('form[action="/sign-in"] button').click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  tour.cookies = await context.cookies();
  return visitor;
}

/** A phone of the operator's people, on the check-in page, with all of today's guests. */
export async function phone(shopper, browser, baseUrl, viewport) {
  const visitor = await boatman(shopper, browser, baseUrl, viewport);
  const { page } = visitor;
  await page.goto(`${baseUrl}/my-shops/${shopper.tour.shopId}/check-in`);
  await page.locator("[data-offline-ready]").waitFor({ state: "visible" });
  await page.locator('[data-checkin][data-loaded="yes"]').waitFor();
  await judge(page);
  /** Types a code; the verdict comes from the market, or, `alone`, from the phone. */
  const judged = async (code, outcome, alone) => {
    await page.locator(hook("checkin-code")).fill(code);
    await page.locator("[data-typed] button").click();
    // The verdict of the scan before stands until this one's comes.
    const pending = alone ? "yes" : "no";
    await page.locator(`${hook("verdict")}[data-pending="${pending}"][data-outcome="${outcome}"]`).waitFor();
  };
  const told = () => page.locator('[data-checkin][data-queued="0"]').waitFor({ timeout: 30_000 });
  return { ...visitor, judged, told };
}

/** How the tickets of a shopper stand in the market. */
export async function standing(shopper) {
  const query = `query($shop: ID!, $departure: ID!) { me { shop(id: $shop) {
    manifest(departureId: $departure) { tickets { code status redeemedAt } } } } }`;
  const { me } = await shopper.tour.owner.run(query, { shop: shopper.tour.shopId, departure: shopper.tour.departure });
  return me.shop.manifest.tickets.filter((ticket) => shopper.codes.includes(ticket.code));
}

/** Two phones at the pier: one loses its network between the first guest and the second one. */
export async function checkIn(shopper, browser, baseUrl, viewport) {
  const one = await phone(shopper, browser, baseUrl, viewport);
  const two = await phone(shopper, browser, baseUrl, viewport);
  try {
    const [first, second] = shopper.codes;
    const forged = first.slice(0, -1) + (first.endsWith("0") ? "1" : "0");
    await one.judged(first, "ADMITTED", false);
    await one.judged(forged, "FORGED", false);
    await setNetwork(browser, one.page, false);
    // Somebody closes the browser by mistake: the page opens again, and knows what it knew.
    await one.page.reload();
    await one.judged(second, "ADMITTED", true);
    await one.judged(second, "ALREADY_ADMITTED", true);
    await one.judged(first, "ALREADY_ADMITTED", true);
    await one.judged(forged, "FORGED", true);
    assert.equal(await one.page.locator("[data-checkin]").getAttribute("data-queued"), "4");
    assert.deepEqual((await standing(shopper)).map((ticket) => ticket.status).sort(), ["REDEEMED", "VALID"]);
    await setNetwork(browser, one.page, true);
    await one.told();
    assert.equal(await one.page.locator("[data-log] .conflict").count(), 0, "the market says what the phone said");
    const inside = await standing(shopper);
    assert.deepEqual(inside.map((ticket) => ticket.status), ["REDEEMED", "REDEEMED"]);
    // The other phone finds both on board, and changes nothing.
    for (const code of [first, second]) await two.judged(code, "ALREADY_ADMITTED", false);
    await two.told();
    assert.deepEqual(await standing(shopper), inside, "each guest is in once");
    const wrongs = [...one.wrongs, ...two.wrongs];
    assert.deepEqual(wrongs.filter((wrong) => !wrong.includes("ERR_INTERNET_DISCONNECTED")), []);
  } finally {
    await one.context.close();
    await two.context.close();
  }
}

/** The shop lets a reseller sell its tours: the key opens OCTO, is shown once, and is revoked. */
export async function resellers(shopper, browser, baseUrl, viewport) {
  const { context, page, wrongs } = await boatman(shopper, browser, baseUrl, viewport);
  try {
    await page.goto(`${baseUrl}/my-shops/${shopper.tour.shopId}`);
    await page.locator(hook("resellers-link")).click();
    const before = await page.locator(hook("reseller")).count();
    await page.locator('[name="name"]').fill("Đại lý Mekong");
    await page.locator('[name="email"]').fill("mekong@chonoi.example");
    await page.locator(hook("add-reseller")).click();
    const key = await page.locator(hook("reseller-key")).innerText();
    const asked = async () => (await fetch(`${baseUrl}/octo/products`, { headers: { authorization: `Bearer ${key}` } })).status;
    assert.equal(await asked(), 200, "the key opens OCTO");
    await page.goto(`${baseUrl}/my-shops/${shopper.tour.shopId}/resellers`);
    assert.equal(await page.locator(hook("reseller")).count(), before + 1);
    await judge(page);
    assert.ok(!(await page.content()).includes(key), "nobody sees the key again");
    await page.screenshot({ path: new URL("../../.run/screenshots/resellers.png", import.meta.url).pathname, fullPage: true });
    const open = page.locator(hook("revoke-reseller"));
    while ((await open.count()) > 0) await open.first().click();
    assert.notEqual(await asked(), 200, "a revoked key opens nothing");
    assert.deepEqual(wrongs, []);
  } finally {
    await context.close();
  }
}

/** Another shopper holds every free seat, by the API, and lets go of them again. */
async function holdTheRest(tour, api) {
  const { departure } = await api.run("query($id: ID!) { departure(id: $id) { availableSeats } }", { id: tour.departure });
  const { cart } = Object.values(await api.run("mutation { createCart { cart { id token } } }"))[0];
  const key = { cartId: cart.id, cartToken: cart.token };
  await api.change(
    "mutation($input: AddCartLineInput!) { addCartLine(input: $input) { cart { id } userErrors { code message path } } }",
    { ...key, departureId: tour.departure, ticketKind: "adult", quantity: departure.availableSeats },
  );
  const { checkout } = await api.change(
    "mutation($input: StartCheckoutInput!) { startCheckout(input: $input) { checkout { id token } userErrors { code message path } } }",
    { ...key, contact: { name: "Đoàn khác", phone: "0900000456" }, delivery: { method: "PICKUP" }, payWith: "VIETQR",
      idempotencyKey: `doan-${cart.id}` },
  );
  return () => api.change(
    "mutation($input: CancelCheckoutInput!) { cancelCheckout(input: $input) { checkout { status } userErrors { code message } } }",
    { checkoutId: checkout.id, token: checkout.token },
  );
}

/** The boat is full: a guest waits, is offered seats on a page of their own, and takes them. */
export async function waitForSeats({ tour }, browser, baseUrl, viewport) {
  const { context, page, wrongs } = await newVisitor(browser, baseUrl, viewport);
  try {
    const letGo = await holdTheRest(tour, new Api(baseUrl));
    await page.goto(`${baseUrl}${tour.path}?day=${tour.day}&departure=${tour.departure}`);
    const form = page.locator(hook("wait"));
    await form.locator('[name="seats"]').fill("2");
    await form.locator('[name="name"]').fill("Cô Ba");
    // Nobody waits twice for one departure under one number.
    await form.locator('[name="phone"]').fill(`0900000${String(viewport.width % 1000).padStart(3, "0")}`);
    await form.locator("button").click();
    await page.waitForURL("**/waiting/*");
    await page.locator(`${hook("waiting")}[data-status="WAITING"]`).waitFor();
    await judge(page);
    await letGo();
    for (let tries = 0; (await page.locator(`${hook("waiting")}[data-status="OFFERED"]`).count()) === 0; tries += 1) {
      assert.ok(tries < 50, "no seats are offered");
      await page.waitForTimeout(200);
      await page.reload();
    }
    await page.screenshot({ path: new URL("../../.run/screenshots/waiting.png", import.meta.url).pathname, fullPage: true });
    await page.locator(hook("take-seats")).click();
    await page.waitForURL("**/cart");
    assert.equal(await page.locator("main ul.lines > li").count(), 1);
    await page.locator(hook("checkout")).waitFor();
    assert.deepEqual(wrongs, []);
  } finally {
    await context.close();
  }
}
