// Buys goods of two shops in headless Chromium, on a phone and on a desktop, and sees "paid" without a
// reload. Fails on any console error and any violation of the content security policy.
import { chromium } from "playwright-core";
import assert from "node:assert/strict";

const base = process.env.BASE_URL;
const screenshots = process.env.SCREENSHOTS;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function journey(name, viewport) {
  const context = await browser.newContext({ viewport, locale: "vi-VN" });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const shot = (step) => page.screenshot({ path: `${screenshots}/${name}-${step}.png` });
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

  await page.goto(base);
  assert.ok((await page.locator("a[data-test=product-link]").count()) > 4, "the first page shows products");
  assert.ok((await wide()) <= 1, "nothing is wider than the screen");
  await shot("1-home");

  for (const query of ["banh pia", "xoai"]) {
    await page.fill("input[name=q]", query);
    await page.press("input[name=q]", "Enter");
    await page.waitForURL(/\/search/);
    await page.locator("a[data-test=product-link]").first().waitFor();
    if (query === "banh pia") await shot("2-search");
    await page.locator("a[data-test=product-link]").first().click();
    await page.waitForURL(/\/p\//);
    if (query === "banh pia") await shot("3-product");
    await page.click("button[data-test=add-to-cart]");
    await page.waitForURL(/\/cart/);
  }
  await shot("4-cart");
  assert.equal(await page.locator(".lines > li").count(), 2);

  await page.click("[data-test=checkout]");
  await page.fill("input[name=name]", "Lê Minh");
  await page.fill("input[name=phone]", "0900 000 456");
  await page.selectOption("select[name=ward_code]", { index: 3 });
  await page.fill("input[name=address]", "5 đường Mậu Thân");
  await shot("5-checkout");
  await page.click("form[action='/checkout'] button.sun");
  await page.waitForURL(/\/checkout\/chk_/);
  await page.locator("[data-test=qr] svg").waitFor();
  assert.match(await page.locator("[data-test=payment-reference]").innerText(), /^CN[0-9A-Z]{9}$/);
  assert.ok((await wide()) <= 1, "nothing is wider than the screen");
  await shot("6-pay");

  const payload = await page.locator("[data-test=vietqr-payload]").getAttribute("data-payload");
  await page.evaluate(() => { window.neverReloaded = true; });
  // The page needs a moment to listen; a bank needs longer.
  await page.waitForTimeout(500);
  const bank = await fetch(`${base}/sandbox/bank/transfers`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ payload, payer: "LE MINH" }),
  });
  assert.equal(bank.status, 202);
  await page.locator("[data-test=paid]").waitFor({ timeout: 10_000 });
  assert.equal(await page.evaluate(() => window.neverReloaded), true, "the page turned by itself");
  await shot("7-paid");
  assert.deepEqual(complaints, []);
  await context.close();
  console.log(`${name}: bought and paid`);
}

try {
  await journey("phone", { width: 360, height: 740 });
  await journey("desktop", { width: 1280, height: 800 });
} finally {
  await browser.close();
}
