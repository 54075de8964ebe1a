// After the purchase: a buyer calls one order off and sends goods of the other back, the shop takes them
// back, and the market's operator matches a transfer by a suggestion and takes the match back.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { PASSWORD } from "./boat.mjs";
import { newVisitor } from "./browser.mjs";
import { judge } from "./judge.mjs";

const hook = (name) => `[data-test="${name}"]`;
/** The operator of a seeded market. */
export const OPERATOR = process.env.SEED_OPERATOR ?? "dieuhanh@chonoi.example";

/** What operators open besides the queue. */
const OPERATOR_PAGES = [
  "/operations/shops", "/operations/audit", "/operations/books", "/operations/resellers", "/operations/money/payouts",
  "/operations/money/refunds", "/operations/money/debits", "/operations/money/write-offs", "/operations/money/reopened", "/operations/money/disputes",
  "/operations/money/card-payouts", "/operations/money/credits", "/operations/money/report",
];

const SHOPS = new URL("../../infra/chonoi/seed/shops.csv", import.meta.url);

/** Login of the shopkeeper whose shop has this page: the seed numbers them as the file does. */
async function ownerOf(shopPath) {
  const lines = (await readFile(SHOPS, "utf8")).trim().split("\n").slice(1);
  // Its address is made of its name.
  const at = lines.findIndex((line) => `/s/${slug(line.split(",")[1])}` === shopPath);
  assert.ok(at >= 0, `the seed has no shop ${shopPath}`);
  return `chushop${at + 1}@chonoi.example`;
}

const slug = (name) =>
  name.replace(/[đĐ]/g, "d").normalize("NFD").toLowerCase().replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-");

/** The buyer calls the first order off: all its money comes back. */
export async function cancelFirstOrder(shopper) {
  const { page } = shopper;
  await page.reload();
  await page.locator(hook("order-link")).first().click();
  await page.locator(hook("cancel-order")).click();
  await page.locator(hook("return")).waitFor();
  assert.match(await page.locator(hook("order-status")).innerText(), /đã hủy/i);
  assert.equal(await page.locator(hook("cancel-order")).count(), 0, "nobody cancels twice");
  await page.goBack();
}

/** The shop hands the other order over; its buyer asks to send a piece back. */
export async function sendBackOfTheOther(shopper, browser, baseUrl, viewport) {
  const { page } = shopper;
  await page.goto(page.url().split("/orders/")[0]);
  await page.locator(hook("order-link")).nth(1).click();
  const order = page.url();
  const number = (await page.locator("h1").innerText()).split(" ").pop();
  const shop = await page.locator('main a[href^="/s/"]').first().getAttribute("href");
  shopper.keeper = await signedIn(browser, baseUrl, viewport, await ownerOf(shop));
  const keeper = shopper.keeper.page;
  await keeper.goto(`${baseUrl}/my-shops`);
  await keeper.locator('main a[href^="/my-shops/shop_"]').first().click();
  const home = keeper.url();
  await keeper.locator(hook("order-link"), { hasText: number }).click();
  shopper.sold = keeper.url();
  await keeper.locator('form[action$="/fulfil"] button').click();
  await keeper.waitForURL(home);
  await page.goto(order);
  await page.locator('input[name^="line-"]').first().fill("1");
  await page.locator('textarea[name="reason"]').fill("Trái bị dập");
  await page.locator(hook("request-return")).click();
  await page.locator(hook("return")).waitFor();
}

/** The shop takes it back; the money is on its way. */
export async function takeBack(shopper) {
  const { page, wrongs, context } = shopper.keeper;
  await page.goto(shopper.sold);
  await page.locator('input[name="restock"]').check();
  await page.locator(hook("approve-return")).scrollIntoViewIfNeeded();
  await shopper.shoot(page, "shop-return");
  await page.locator(hook("approve-return")).click();
  await page.locator(`${hook("return")} .price`).waitFor();
  assert.equal(await page.locator(hook("approve-return")).count(), 0);
  await shopper.shoot(page, "shop-returned");
  await judge(page);
  assert.deepEqual(wrongs, []);
  await context.close();
  await shopper.page.reload();
  await shopper.page.locator(`${hook("return")} .price`).first().waitFor();
}

/** Somebody pays with a mistyped code: the operator is told which payment it is, and takes that. */
export async function matchBySuggestion(shopper, browser, baseUrl, viewport) {
  const reference = (await shopper.page.locator(hook("payment-reference")).innerText()).trim();
  const payload = await shopper.page.locator(hook("vietqr-payload")).getAttribute("data-payload");
  // One letter is wrong, so no rule matches it.
  const at = reference.length - 3;
  const wrong = reference[at] === "7" ? "4" : "7";
  const memo = `${reference.slice(0, at)}${wrong}${reference.slice(at + 1)} tra tien`;
  const answer = await fetch(`${baseUrl}/sandbox/bank/transfers`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ payload, memo, payer: "NGUYEN THI THU" }),
  });
  assert.ok(answer.ok, await answer.text());
  shopper.operator = await signedIn(browser, baseUrl, viewport, OPERATOR);
  const { page } = shopper.operator;
  const queued = page.locator(hook("queued"), { hasText: memo.split(" ")[0] });
  for (let tries = 0; tries < 40 && (await queued.count()) === 0; tries += 1) {
    await page.goto(`${baseUrl}/operations/money`);
    await page.waitForTimeout(250);
  }
  const suggestion = queued.locator(hook("suggestion"), { hasText: reference });
  await suggestion.waitFor();
  assert.ok((await suggestion.locator(".why li").count()) > 0, "it says why");
  await judge(page);
  await shopper.shoot(page, "queue");
  await suggestion.locator(hook("take-suggestion")).click();
  await page.locator(".notice").first().waitFor();
  await shopper.page.locator(hook("paid")).waitFor();
}

/** Every other page of the operator's stands on the screen, is reached by a link, and leads back. */
export async function seeOperatorPages(shopper, baseUrl) {
  const { page } = shopper.operator;
  const linked = async (path) => {
    await page.goto(`${baseUrl}${path}`);
    return page.locator('main a[href^="/operations/"]').evaluateAll((all) => all.map((one) => one.getAttribute("href").split("?")[0]));
  };
  const links = [...(await linked("/operations")), ...(await linked("/operations/money"))];
  for (const path of OPERATOR_PAGES) {
    assert.ok(links.includes(path), `no link leads to ${path}`);
    const answer = await page.goto(`${baseUrl}${path}`);
    assert.equal(answer.status(), 200, path);
    assert.ok((await page.locator('main a[href^="/operations"]').count()) > 0, `${path} leads nowhere back`);
    await judge(page);
    await shopper.shoot(page, path.slice(1).replaceAll("/", "-"));
  }
}

/** It was the wrong one: the match is taken back, and the buyer is asked to pay again. */
export async function takeTheMatchBack(shopper, baseUrl) {
  const { page, wrongs, context } = shopper.operator;
  await page.goto(`${baseUrl}/operations/money`);
  await page.locator(hook("all-credits")).click();
  const credit = page.locator(hook("credit")).first();
  await credit.locator(`${hook("unmatch")} summary`).click();
  await credit.locator(hook("unmatch-reason")).fill("Của người khác");
  await judge(page);
  await shopper.shoot(page, "unmatch");
  await credit.locator(hook("unmatch-credit")).click();
  await page.waitForURL("**/operations/money");
  await page.locator(".notice").first().waitFor();
  await shopper.shoot(page, "unmatched");
  for (let tries = 0; tries < 40 && (await shopper.page.locator(hook("qr")).count()) === 0; tries += 1) {
    await shopper.page.waitForTimeout(250);
    await shopper.page.reload();
  }
  await shopper.page.locator(hook("qr")).waitFor();
  assert.deepEqual(wrongs, []);
  await context.close();
}

/** Somebody who has signed in. */
export async function signedIn(browser, baseUrl, viewport, login) {
  const visitor = await newVisitor(browser, baseUrl, viewport);
  const { page } = visitor;
  await page.goto(`${baseUrl}/sign-in`);
  await page.locator('[name="login"]').fill(login);
  await page.locator('[name="password"]').fill(PASSWORD);
  await page.locator('form[action="/sign-in"] button').click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  return visitor;
}
