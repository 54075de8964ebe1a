// A shop's money: a shopper pays, the shop hands over and follows what it is owed to the bank's own credit,
// asks for money at the counter, takes its statements away, and names another account.
import assert from "node:assert/strict";

import { newVisitor } from "./browser.mjs";
import { judge } from "./judge.mjs";
import { KEEPERS_PASSWORD } from "./shop.mjs";
import { scan } from "./vietqr.mjs";

const hook = (name) => `[data-test="${name}"]`;
/** From the transfer to the green page: what people at a counter wait without wondering. */
const GREEN_WITHIN_MS = 2_000;
/** How long the books may take to know a payment. */
const BOOKED_WITHIN_MS = 10_000;

/** Whole đồng of an amount as people write it: `70.000 ₫`. */
const dong = (text) => Number(text.replace(/[^0-9−-]/g, "").replace("−", "-"));

/** Loads a page again until it shows something. */
async function until(page, url, locator) {
  const end = Date.now() + BOOKED_WITHIN_MS;
  await page.goto(url);
  while ((await locator.count()) === 0) {
    assert.ok(Date.now() < end, `${url} does not show ${locator}`);
    await page.waitForTimeout(200);
    await page.reload();
  }
}

/** A shopper finds the shop by its page, buys, and pays by the sandbox bank. */
export async function sell(keeper, browser, baseUrl, viewport, { fillCheckout, payBy }) {
  const { context, page, wrongs } = await newVisitor(browser, baseUrl, viewport);
  try {
    const product = page.locator(hook("product-link"), { hasText: "Xoài cát Út Thử" });
    await until(page, `${baseUrl}${keeper.shopPath}`, product);
    await judge(page);
    await product.click();
    await page.locator('[name="quantity"]').fill("2");
    await page.locator(`button${hook("add-to-cart")}`).click();
    await page.waitForURL("**/cart");
    await page.locator(hook("checkout")).click();
    await page.locator('[name="note"]').fill("Gọi trước khi giao");
    await fillCheckout({ page });
    keeper.payload = await page.locator(hook("vietqr-payload")).getAttribute("data-payload");
    keeper.reference = (await page.locator(hook("payment-reference")).innerText()).trim();
    keeper.paid = Number(await page.locator(hook("amount")).getAttribute("data-amount"));
    assert.equal(keeper.paid, 140_000);
    await payBy(page, keeper.payload);
    await page.locator(hook("paid")).waitFor();
    keeper.number = (await page.locator(hook("order-link")).innerText()).trim();
    assert.deepEqual(wrongs, []);
  } finally {
    await context.close();
  }
}

/** The order says who gets it and where; then it is handed over. */
export async function handOver({ page, home, number }) {
  const order = page.locator(hook("shop-order"), { hasText: number });
  await until(page, home, order);
  await judge(page);
  await order.locator(hook("order-link")).click();
  await judge(page);
  const where = await page.locator(hook("delivery")).innerText();
  for (const told of ["Nguyễn Thị Thử", "12 Hai Bà Trưng", "Gọi trước khi giao"]) {
    assert.ok(where.includes(told), `the shop is not told “${told}”: ${where}`);
  }
  assert.equal(await page.locator(`${hook("delivery")} a[href="tel:+84912345678"]`).count(), 1, "the buyer is called by a tap");
  await page.locator('form[action$="/fulfil"] button').click();
  await page.waitForURL(home);
  await page.locator('.notice[role="status"]').waitFor();
  assert.match(await order.innerText(), /Đã giao/);
  assert.equal(await order.locator('form[action$="/fulfil"]').count(), 0, "nobody hands over twice");
}

/** Every figure opens to its lines, a line to the transfer as the bank told it. */
export async function openMoney({ page, home, paid, reference }) {
  await page.goto(home);
  await page.locator(hook("money-link")).click();
  await until(page, page.url(), page.locator(hook("money-sales"), { hasText: "140.000" }));
  await judge(page);
  const sums = {};
  for (const part of ["sales", "fees", "vat", "pit", "refunds", "direct", "paid_out", "closing"]) {
    sums[part] = dong(await page.locator(hook(`money-${part}`)).innerText());
  }
  const { closing, ...parts } = sums;
  assert.equal(Object.values(parts).reduce((sum, part) => sum + part, 0), closing, `the sums foot: ${JSON.stringify(sums)}`);
  assert.ok(closing > 0 && closing < paid, "something is owed, less what was taken");
  await page.locator(`${hook("money-sums")} a[href*="kind=sales"]`).click();
  await page.waitForURL("**/money/lines?**");
  await judge(page);
  await page.locator(`${hook("money-lines")} a.line`).click();
  assert.equal(dong(await page.locator(hook("line-amount")).innerText()), paid);
  const bank = await page.locator(hook("line-bank")).innerText();
  assert.ok(bank.includes(reference), `the bank's line has the memo: ${bank}`);
  assert.match(bank, /140\.000/);
  assert.equal(await page.locator(`${hook("line-charge")} > div`).count(), 4, "by which rules was taken what");
}

/** The keypad, the QR, the transfer, the green page. */
export async function askAtCounter({ page, home }, payBy) {
  await page.goto(home);
  await page.locator(hook("counter-link")).click();
  await page.locator(hook("counter-ask")).click();
  assert.equal(await page.locator(hook("counter-amount")).evaluate((field) => field.validity.valueMissing), true);
  for (const key of ["4", "6", "back", "5", "000"]) await page.locator(`[data-key="${key}"]`).click();
  assert.equal(await page.locator(hook("counter-amount")).inputValue(), "45.000");
  await page.locator('[name="note"]').fill("Bàn 3");
  await judge(page);
  await page.locator(hook("counter-ask")).click();
  await page.waitForURL(/\/counter\/./);
  const qr = page.locator(hook("qr"));
  const payload = await qr.getAttribute("data-payload");
  assert.equal(scan(await qr.screenshot()), payload, "the picture says what the page says");
  assert.match(await page.locator(hook("counter-sum")).innerText(), /45\.000/);
  await judge(page);
  await page.evaluate(() => { window.loadedOnce = true; });
  const green = page.locator(hook("counter-paid"));
  await payBy(page, payload);
  await green.waitFor({ timeout: GREEN_WITHIN_MS });
  assert.equal(await page.evaluate(() => window.loadedOnce), true, "the page was not loaded again");
  assert.match(await green.innerText(), /45\.000/);
  await judge(page);
  await page.goto(`${home}/counter`);
  await page.locator(`${hook("counter-list")} li`, { hasText: "Bàn 3" }).locator(".tag.good").waitFor();
}

/** By what a file begins with, whatever it is called. */
const FILES = {
  csv: { type: /^text\/csv/, begins: /^(\u00ef\u00bb\u00bf)?[\w"]/ },
  xlsx: { type: /spreadsheetml/, begins: /^PK\u0003\u0004/ },
  pdf: { type: /^application\/pdf/, begins: /^%PDF-1\./ },
};

/** The three files of the page, each what it says it is; the last one by a tap, as people do. */
export async function downloadStatements({ page, home }) {
  await page.goto(`${home}/money`);
  const sold = dong(await page.locator(hook("money-sales")).innerText());
  for (const [format, { type, begins }] of Object.entries(FILES)) {
    const link = page.locator(hook(`money-${format}`));
    const answer = await page.context().request.get(new URL(await link.getAttribute("href"), page.url()).href);
    assert.equal(answer.status(), 200, format);
    assert.match(answer.headers()["content-type"], type);
    assert.match(answer.headers()["content-disposition"], new RegExp(`^attachment; filename="[^"]+\\.${format}"$`));
    const body = await answer.body();
    assert.match(body.subarray(0, 16).toString("latin1"), begins, format);
    if (format === "csv") assert.ok(body.toString("utf8").trim().split("\n").pop().includes(`,${sold},`), "the sums are the page's");
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    assert.match(download.suggestedFilename(), new RegExp(`\\.${format}$`));
  }
}

/** A wrong password changes nothing and keeps what was typed; with the right one the account waits. */
export async function namePayoutAccount({ page, home }) {
  await page.goto(home);
  await page.locator(hook("payout-account-link")).click();
  await judge(page);
  const form = page.locator('main form[action$="/payout-account"]');
  const save = async (password) => {
    await form.locator('[name="password"]').fill(password);
    await form.locator(hook("set-payout-account")).click();
  };
  await form.locator('[name="bin"]').selectOption("970416");
  await form.locator('[name="number"]').fill("88 6655 4433");
  await form.locator('[name="holder"]').fill("NGUYEN VAN UT THU");
  await save("khong-phai-mat-khau");
  await page.locator('main [role="alert"]').waitFor();
  await judge(page);
  assert.equal(await page.locator(hook("next-payout-account")).count(), 0);
  assert.equal(await form.locator('[name="bin"]').inputValue(), "970416");
  assert.equal(await form.locator('[name="number"]').inputValue(), "88 6655 4433");
  assert.equal(await form.locator('[name="password"]').inputValue(), "", "a password never stands in a page");
  await save(KEEPERS_PASSWORD);
  await page.locator(hook("next-payout-account"), { hasText: "8866554433" }).waitFor();
  assert.match(await page.locator(hook("payout-account")).innerText(), /0071001234567/, "the first one counts until then");
  await page.goto(home);
  await page.locator(hook("account-changes")).waitFor();
}
