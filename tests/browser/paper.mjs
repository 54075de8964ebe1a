// What people print: a guest's tickets, and the list of guests at the pier.
import assert from "node:assert/strict";

import { newVisitor } from "./browser.mjs";
import { judge } from "./judge.mjs";
import { boatman } from "./tours.mjs";
import { scan } from "./vietqr.mjs";

const hook = (name) => `[data-test="${name}"]`;
/** CSS pixels of a millimetre on paper (CSS Values, 6.2: 96 of them are an inch). */
const MILLIMETRE = 96 / 25.4;
const MARGIN_MM = 10;
/** What is printed on of an A4 sheet. */
const SHEET = { width: Math.floor((210 - 2 * MARGIN_MM) * MILLIMETRE), height: Math.floor((297 - 2 * MARGIN_MM) * MILLIMETRE) };
/** A printer has more dots than a screen. */
const PRINTER = { deviceScaleFactor: 2 };
/** The widest QR on paper: two tickets stand beside each other. */
const WIDEST_QR_MM = 58;
/** What belongs to the screen alone. */
const ON_SCREEN_ONLY = ".top, .foot, .no-print";

/** The print button asks the browser for its print dialog, once. */
async function pressPrint(page) {
  await page.evaluate(() => {
    window.askedToPrint = 0;
    window.print = () => { window.askedToPrint += 1; };
  });
  await page.locator("main [data-print]").click();
  assert.equal(await page.evaluate(() => window.askedToPrint), 1, "the button prints");
}

/** Shows the page as a sheet of paper would, and gives the number of sheets it takes. */
async function onPaper(page) {
  const visible = () => page.locator(ON_SCREEN_ONLY).evaluateAll((all) => all.filter((one) => one.checkVisibility()).length);
  assert.ok((await visible()) > 0, "the screen has what paper has not");
  await page.emulateMedia({ media: "print" });
  assert.equal(await visible(), 0, "nothing of the screen's is printed");
  const margin = `${MARGIN_MM}mm`;
  const pdf = await page.pdf({
    format: "A4", preferCSSPageSize: true, margin: { top: margin, right: margin, bottom: margin, left: margin },
  });
  const text = pdf.toString("latin1");
  assert.match(text, /^%PDF-1\./);
  // ISO 32000-1, 7.7.3.3: each page is an object of this type; `/Pages` is their tree.
  return (text.match(/\/Type\s*\/Page(?![A-Za-z])/g) ?? []).length;
}

/** One sheet for both guests, a ticket each that is not cut in two; its QR can be read from paper. */
export async function printTickets(shopper, browser, baseUrl) {
  const { context, page, wrongs } = await newVisitor(browser, baseUrl, SHEET, PRINTER);
  try {
    await context.addCookies(await shopper.page.context().cookies());
    await page.goto(shopper.page.url());
    await pressPrint(page);
    assert.equal(await onPaper(page), 1, "sheets of paper for two guests");
    const tickets = page.locator(hook("ticket"));
    assert.equal(await tickets.count(), shopper.codes.length);
    for (const [at, code] of shopper.codes.entries()) {
      const ticket = tickets.nth(at);
      const qr = ticket.locator(".qr");
      const { width } = await qr.boundingBox();
      assert.ok(width <= WIDEST_QR_MM * MILLIMETRE + 0.5, `the QR is ${Math.round(width / MILLIMETRE)} mm wide`);
      assert.equal(scan(await qr.screenshot()), code, "the printed picture says what the page says");
      assert.equal(await ticket.evaluate((one) => getComputedStyle(one).breakInside), "avoid");
    }
    await shopper.shoot(page, "printed-tickets");
    assert.deepEqual(wrongs, []);
  } finally {
    await context.close();
  }
}

/** The people of the boat print who comes: every guest stands on the sheet, with a box to tick. */
export async function printManifest(shopper, browser, baseUrl) {
  const { tour } = shopper;
  const { context, page, wrongs } = await boatman(shopper, browser, baseUrl, SHEET);
  try {
    await page.goto(`${baseUrl}/my-shops/${tour.shopId}/departures/${tour.departure}`);
    await judge(page);
    await pressPrint(page);
    assert.equal(await onPaper(page), 1, "sheets of paper for a small boat");
    // What does not fit cannot be scrolled to on paper.
    const cut = await page.locator("main section.scroll").evaluate((one) => one.scrollWidth - one.clientWidth);
    assert.ok(cut <= 0, `${cut} pixels of the list are not printed`);
    const numbers = await shopper.page.locator(`${hook("ticket")} dl dd:last-child`).allInnerTexts();
    assert.equal(numbers.length, shopper.codes.length);
    const guests = await page.locator(`${hook("manifest")} tbody tr`).evaluateAll((all) =>
      all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
    for (const number of numbers) {
      const [guest, ...others] = guests.filter(([first]) => first === number.trim());
      assert.ok(guest && others.length === 0, `${number} is in the list once: ${guests.join(" | ")}`);
      assert.match(guest[1], /Nguyễn Thị Thử/);
      assert.match(guest[2], /912345678$/, "they can be called");
      assert.match(guest[4], /^☐/, "nobody of them is on board");
    }
    await shopper.shoot(page, "printed-manifest");
    assert.deepEqual(wrongs, []);
  } finally {
    await context.close();
  }
}
