// A shopper buys from two shops and pays by one QR, on a phone and on a desktop.
//   BASE_URL=http://127.0.0.1:8080 node journey.mjs
// Starts nothing itself. The hooks it holds on to are listed in README.md.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { launch, newVisitor } from "./browser.mjs";
import { putBoatOnTheRiver } from "./boat.mjs";
import { readByCamera } from "./camera.mjs";
import { anotherSiteChangesNothing } from "./elsewhere.mjs";
import { htmlIsSound, judge } from "./judge.mjs";
import { sayItIsOnItsWay, sayItWithoutScripts } from "./more_time.mjs";
import { printManifest, printTickets } from "./paper.mjs";
import { beApproved, correctProduct, importGoods, openShop, seeOtherPages, signUp, tryFile, withoutScripts } from "./shop.mjs";
import { askAtCounter, downloadStatements, handOver, namePayoutAccount, openMoney, sell } from "./shop_money.mjs";
import { checkIn, chooseSeats, resellers, searchByDay, showTickets, ticketsWithoutNetwork, waitForSeats } from "./tours.mjs";
import {
  cancelFirstOrder, matchBySuggestion, seeOperatorPages, sendBackOfTheOther, takeBack, takeTheMatchBack,
} from "./desk.mjs";
import { checksum, fields, scan } from "./vietqr.mjs";

const BASE_URL = new URL(process.env.BASE_URL ?? "http://127.0.0.1:8080").origin;
const SCREENSHOTS = fileURLToPath(new URL("../../.run/screenshots/", import.meta.url));
const SCREENS = [
  { name: "phone", viewport: { width: 360, height: 740 }, payBy: transferFromAnotherDevice },
  { name: "desktop", viewport: { width: 1280, height: 800 }, payBy: transferFromThePage },
];
/** How long the page may take to turn to "paid" by itself. */
const PAID_WITHIN_MS = 10_000;

const hook = (name) => `[data-test="${name}"]`;
/** Steps of people who hold a phone. */
const onPhone = ({ width }, ...steps) => (width < 600 ? steps : []);
const results = { passed: 0, failed: 0 };

const browser = await launch();
try {
  await mkdir(SCREENSHOTS, { recursive: true });
  for (const screen of SCREENS) await journey(screen, goods);
  for (const screen of SCREENS) await journey(screen, atTheDesk, undefined, "desk");
  for (const screen of SCREENS) await journey(screen, ofAShop, undefined, "shop");
  const tour = await putBoatOnTheRiver(BASE_URL);
  for (const screen of SCREENS) await journey(screen, onTheRiver, tour);
  await judgeHtml();
} finally {
  await browser.close();
}
console.log(`\nbrowser: ${results.passed} passed, ${results.failed} failed`);
process.exitCode = results.failed === 0 && results.passed > 0 ? 0 : 1;

/** Goods of two shops. */
function goods(payBy, viewport) {
  return [
    ["the front page is there", openFrontPage],
    ["a search without diacritics finds bánh pía", searchWithoutDiacritics],
    ["a product goes into the cart", addFirstProduct],
    ["a product of another shop goes into the same cart", addProductOfAnotherShop],
    ["the cart shows both", openCart],
    ["the checkout asks who and where", fillCheckout],
    ["one QR for both shops, readable by any banking app", readQr],
    ["the transfer is on its way: the market waits ten minutes longer, once", (one) => sayItIsOnItsWay(one, BASE_URL)],
    ["a page of another origin calls nothing off and signs nobody in", (one) => anotherSiteChangesNothing(one, browser, BASE_URL)],
    ["the page turns to paid by itself", (one) => payAndSee(one, payBy)],
    ["coming back later, it is still paid", reload],
    ["the buyer calls one order off", cancelFirstOrder],
    ["the buyer asks to send goods of the other back", (one) => sendBackOfTheOther(one, browser, BASE_URL, viewport)],
    ["the shop takes them back", takeBack],
    ["nothing went wrong in the console, by the CSP or over the network", nothingWrong],
  ];
}

/** What people do when a payment is not clear. */
function atTheDesk(_payBy, viewport) {
  return [
    ["a product goes into the cart", async (one) => { await openFrontPage(one); await search(one.page, "banh pia"); await addFirstProduct(one); }],
    ["a product of another shop goes into the same cart", addProductOfAnotherShop],
    ["the cart shows both", openCart],
    ["the checkout asks who and where", fillCheckout],
    ["one QR for both shops", readQr],
    ["without scripts the market waits longer, too, and the open page says so", (one) => sayItWithoutScripts(one, browser, BASE_URL, viewport)],
    ["the operator matches a mistyped transfer by a suggestion", (one) => matchBySuggestion(one, browser, BASE_URL, viewport)],
    ["the operator's other pages stand on the screen", (one) => seeOperatorPages(one, BASE_URL)],
    ["the operator takes the match back, and the buyer is asked again", (one) => takeTheMatchBack(one, BASE_URL)],
    ["nothing went wrong in the console, by the CSP or over the network", nothingWrong],
  ];
}

/** A newcomer's shop, from signing up to the money. */
function ofAShop(payBy, viewport) {
  return [
    ["a newcomer signs up by phone", (one) => signUp(one, BASE_URL)],
    ["they open a household shop with a bank account", (one) => openShop(one, BASE_URL)],
    ["a trial of a file names the lines to mend", tryFile],
    ["the mended file fills the shop", importGoods],
    ["a product is corrected", correctProduct],
    ["an operator lets the shop sell", (one) => beApproved(one, browser, BASE_URL, viewport)],
    ["a shopper buys and pays", (one) => sell(one, browser, BASE_URL, viewport, { fillCheckout, payBy })],
    ["the shop sees what goes where, and hands it over", handOver],
    ["what the shop is owed opens down to the bank's own credit", openMoney],
    ["at the counter the QR turns to paid within two seconds", (one) => askAtCounter(one, payBy)],
    ["statements come as CSV, XLSX and PDF", downloadStatements],
    ["another payout account is named with the password, and waits", namePayoutAccount],
    ["the shop's other pages stand on the screen", seeOtherPages],
    ["all of it works without scripts", (one) => withoutScripts(one, browser, BASE_URL, viewport)],
    ["nothing went wrong in the console, by the CSP or over the network", nothingWrong],
  ];
}

/** A tour for a day, with a box of fruit in the same cart; then the pier. */
function onTheRiver(payBy, viewport) {
  return [
    ["a search by day of travel finds a tour", (one) => searchByDay(one, BASE_URL)],
    ["two seats of a departure go into the cart", chooseSeats],
    ["a box of fruit of another shop goes into the same cart", addProductOfAnotherShop],
    ["the cart shows both", openCart],
    ["the checkout asks who and where", fillCheckout],
    ["one QR for tour and fruit", readQr],
    ["the page turns to paid by itself", (one) => payAndSee(one, payBy)],
    ["one ticket a guest, each with its own code", showTickets],
    ["the tickets are printed on one sheet, and can be read from it", (one) => printTickets(one, browser, BASE_URL)],
    ["the tickets open without network", (one) => ticketsWithoutNetwork(one, browser)],
    ["the boat's people print who comes", (one) => printManifest(one, browser, BASE_URL)],
    ...onPhone(viewport, ["a phone reads one ticket by its camera and one from a photo, and takes both back", (one) => readByCamera(one, BASE_URL, viewport)]),
    ["two phones at the pier judge them, with and without network, and each guest is in once", (one) => checkIn(one, browser, BASE_URL, viewport)],
    ["the boat is full: who waits is offered seats and takes them", (one) => waitForSeats(one, browser, BASE_URL, viewport)],
    ["the shop adds a reseller, sees the key once, and revokes it", (one) => resellers(one, browser, BASE_URL, viewport)],
    ["nothing went wrong in the console, by the CSP or over the network", nothingWrong],
  ];
}

/** The whole purchase on one screen. A step that fails ends it: what follows could not be true. */
async function journey({ name: screen, viewport, payBy }, stepsOf, tour, kind = tour ? "tour" : "") {
  const name = kind ? `${screen}-${kind}` : screen;
  console.log(`\n${name}, ${viewport.width} × ${viewport.height}`);
  const { context, page, wrongs } = await newVisitor(browser, BASE_URL, viewport);
  const shopper = { name, page, wrongs, tour, shots: 0 };
  shopper.shoot = (other, what) => other.screenshot({ path: `${SCREENSHOTS}${name}-${what}.png`, fullPage: true });
  const steps = stepsOf(payBy, viewport);
  let title;
  try {
    for (const [what, step] of steps) {
      title = what;
      await step(shopper);
      await judge(page);
      await shoot(shopper);
      results.passed += 1;
      console.log(`  ok      ${title}`);
    }
  } catch (error) {
    results.failed += 1;
    console.log(`  FAILED  ${title}`);
    console.log(`${error.stack ?? error}\n  at ${page.url()}\n  ${wrongs.join("\n  ")}`.replace(/^/gm, "          "));
    await page.screenshot({ path: `${SCREENSHOTS}${name}-failed.png`, fullPage: true }).catch(() => {});
  } finally {
    await context.close();
  }
}

/** What html-validate says of every page that anybody was shown. */
async function judgeHtml() {
  try {
    console.log(`\n  ok      the HTML of ${await htmlIsSound()} pages is sound`);
    results.passed += 1;
  } catch (error) {
    results.failed += 1;
    console.log(`\n  FAILED  the HTML of all pages is sound\n${error.message}`);
  }
}

async function openFrontPage({ page }) {
  const answer = await page.goto(`${BASE_URL}/`);
  assert.equal(answer.status(), 200);
  const policy = answer.headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src/, "the page has a content security policy");
  assert.doesNotMatch(policy, /unsafe-(inline|eval)/);
  assert.equal(await page.locator("html").getAttribute("lang"), "vi");
  assert.ok((await page.locator(hook("product-link")).count()) > 0, "the front page shows products");
}

async function searchWithoutDiacritics({ page }) {
  await search(page, "banh pia");
  const names = await page.locator(hook("product-link")).allInnerTexts();
  assert.match(names[0].normalize("NFC"), /bánh pía/i, "the first result is what was meant");
}

async function addFirstProduct(shopper) {
  await shopper.page.locator(hook("product-link")).first().click();
  shopper.shop = await shopOf(shopper.page);
  await addToCart(shopper.page);
}

async function addProductOfAnotherShop(shopper) {
  const { page } = shopper;
  await search(page, "xoai");
  const products = await page.locator(hook("product-link")).evaluateAll((links) => links.map((link) => link.href));
  for (const product of products.slice(0, 10)) {
    await page.goto(product);
    const forSale = (await page.locator(`button${hook("add-to-cart")}`).count()) > 0;
    if (forSale && (await shopOf(page)) !== shopper.shop) {
      await addToCart(page);
      return;
    }
  }
  assert.fail("no product of a second shop was found");
}

async function openCart({ page }) {
  await page.locator(hook("cart-link")).click();
  await page.waitForURL("**/cart");
  assert.equal(await page.locator("main ul.lines > li").count(), 2);
  await page.locator(hook("checkout")).click();
  await page.waitForURL("**/checkout");
}

async function fillCheckout({ page }) {
  const form = page.locator('form[action="/checkout"]');
  await form.locator('[name="name"]').fill("Nguyễn Thị Thử");
  await form.locator('[name="phone"]').fill("0912345678");
  await form.locator('[name="email"]').fill("khach.thu@chonoi.example");
  await form.locator('[name="method"][value="SHIP"]').check();
  const ward = form.locator('[name="ward_code"] option:not([value=""])').first();
  await form.locator('[name="ward_code"]').selectOption(await ward.getAttribute("value"));
  await form.locator('[name="address"]').fill("12 Hai Bà Trưng");
  await form.locator("button").last().click();
  await page.waitForURL(/\/checkout\/./);
}

async function readQr(shopper) {
  const { page } = shopper;
  await page.locator(hook("qr")).waitFor();
  const payload = await page.locator(hook("vietqr-payload")).getAttribute("data-payload");
  const scanned = scan(await page.locator(hook("qr")).screenshot());
  assert.equal(scanned, payload, "the picture says what the page says");

  assert.equal(checksum("123456789"), "29B1", "the check value of CRC-16/CCITT-FALSE");
  assert.equal(payload.slice(-4), checksum(payload.slice(0, -4)));
  const facts = fields(payload);
  const amount = await page.locator(hook("amount")).getAttribute("data-amount");
  assert.equal(facts["53"], "704", "đồng");
  assert.equal(facts["54"], amount);
  const reference = (await page.locator(hook("payment-reference")).innerText()).trim();
  assert.match(reference, /^[A-Z0-9]{6,13}$/);
  assert.ok(fields(facts["62"])["08"].includes(reference), "the memo carries the payment's code");
  assert.equal(await page.locator(`${hook("pay")} ul.list > li`).count(), 2, "an order for each shop");
  shopper.payload = payload;
}

async function payAndSee({ page, payload }, payBy) {
  // What a script wrote into the page is gone when the page is loaded again.
  await page.evaluate(() => { window.loadedOnce = true; });
  await payBy(page, payload);
  await page.locator(hook("paid")).waitFor({ timeout: PAID_WITHIN_MS });
  assert.equal(await page.evaluate(() => window.loadedOnce), true, "the page was not loaded again");
}

/** The shopper scans the QR with a banking app on another device. */
async function transferFromAnotherDevice(_page, payload) {
  const answer = await fetch(`${BASE_URL}/sandbox/bank/transfers`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ payload, payer: "NGUYEN THI THU" }),
  });
  assert.ok(answer.ok, `the sandbox bank answered ${answer.status}: ${await answer.text()}`);
}

/** The shopper lets the sandbox bank of the page itself pay. */
async function transferFromThePage(page) {
  await page.locator(hook("sandbox-pay")).click();
}

async function reload({ page }) {
  await page.reload();
  await page.locator(hook("paid")).waitFor();
  assert.equal(await page.locator(hook("qr")).count(), 0, "nobody can pay twice");
}

async function nothingWrong({ wrongs }) {
  assert.deepEqual(wrongs, []);
}

async function search(page, words) {
  await page.goto(`${BASE_URL}/`);
  const form = page.locator('form[action="/search"]').first();
  await form.locator('[name="q"]').fill(words);
  await form.locator('[name="q"]').press("Enter");
  await page.waitForURL(/\/search\?(.*&)?q=/);
  await page.locator(hook("product-link")).first().waitFor();
}

async function addToCart(page) {
  await page.locator(`button${hook("add-to-cart")}`).click();
  await page.waitForURL("**/cart");
}

/** The shop of the product that is shown. */
async function shopOf(page) {
  return page.locator('main a[href^="/s/"]').first().getAttribute("href");
}

async function shoot(shopper) {
  shopper.shots += 1;
  const number = String(shopper.shots).padStart(2, "0");
  await shopper.page.screenshot({ path: `${SCREENSHOTS}${shopper.name}-${number}.png`, fullPage: true });
}
