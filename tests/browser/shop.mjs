// A newcomer becomes a shopkeeper: signs up by phone, opens a shop, fills it from a file, corrects a product,
// and is let in by an operator. What goes wrong in a form stays in it, with what to do.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { newVisitor } from "./browser.mjs";
import { OPERATOR, signedIn } from "./desk.mjs";
import { judge } from "./judge.mjs";

const hook = (name) => `[data-test="${name}"]`;
export const KEEPERS_PASSWORD = "ghe-xoai-ut-thu-1986";
const BANKS = new URL("../../services/accounts/data/banks.json", import.meta.url);
const NO_TAX_CODE = "90123";

/** What the form says is wrong with a field stands beside it and belongs to it, and what was typed stays. */
async function refused(page, field, words, kept) {
  const input = page.locator(`main form [name="${field}"]`);
  await page.locator('main [role="alert"]').waitFor();
  assert.equal(await input.getAttribute("aria-invalid"), "true", `${field} is marked`);
  const about = (await input.getAttribute("aria-describedby")).split(" ").filter((id) => id.startsWith("wrong-"));
  assert.match(await page.locator(`#${about[0]}`).innerText(), words);
  assert.match(await page.locator('main [role="alert"]').innerText(), words, "the summary says so, too");
  const focused = await page.evaluate(() => document.activeElement.getAttribute("role"));
  assert.equal(focused, "alert", "who reads by ear or by keyboard is taken to the summary");
  for (const [name, value] of Object.entries(kept)) {
    assert.equal(await page.locator(`main form [name="${name}"]`).inputValue(), value, `${name} stays`);
  }
  // The summary leads to the field.
  await page.locator(`main [role="alert"] a[href="#${about[0]}"]`).click();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), field);
}

async function changeLanguage(page, to) {
  await page.locator('form[action="/language"] button').click();
  await page.locator(`html[lang="${to}"]`).waitFor();
}

/** With a mistyped number first, told in Vietnamese and in English. */
export async function signUp(keeper, baseUrl) {
  const { page } = keeper;
  keeper.phone = `0987654${String(page.viewportSize().width % 1000).padStart(3, "0")}`;
  const form = page.locator('form[action="/sign-up"]');
  const send = async (phone) => {
    await form.locator('[name="name"]').fill("Nguyễn Văn Út Thử");
    await form.locator('[name="phone"]').fill(phone);
    await form.locator('[name="password"]').fill(KEEPERS_PASSWORD);
    await form.locator('[name="accept_terms"]').check();
    await form.locator("button").click();
  };
  await page.goto(`${baseUrl}/sign-up`);
  await judge(page);
  for (const type of ["tel", "email", "password"]) assert.equal(await form.locator(`[type="${type}"]`).count(), 1);
  assert.equal(await form.locator('[name="phone"]').getAttribute("inputmode"), "tel");
  assert.equal(await form.locator('[name="password"]').getAttribute("autocomplete"), "new-password");
  const kept = { name: "Nguyễn Văn Út Thử", phone: "0987", password: "" };
  await send("0987");
  await refused(page, "phone", /Giá trị không hợp lệ/, kept);
  await judge(page);
  await changeLanguage(page, "en");
  await send("0987");
  await refused(page, "phone", /This is not valid/, kept);
  await judge(page);
  await changeLanguage(page, "vi");

  // Who wanted to open a shop is asked who they are, and goes on to where they wanted.
  await page.goto(`${baseUrl}/`);
  await page.locator('main a[href="/shops/open"]').click();
  await page.waitForURL("**/sign-in?**");
  await judge(page);
  await page.locator('main a[href^="/sign-up"]').click();
  await send(keeper.phone);
  await page.waitForURL("**/shops/open");
}

/** A household, in a ward of Cần Thơ, with an account at a bank of the list; the account mistyped first. */
export async function openShop(keeper, baseUrl) {
  const { page, name } = keeper;
  const bank = JSON.parse(await readFile(BANKS, "utf8")).find((one) => one.short_name === "Vietcombank");
  await page.goto(`${baseUrl}/my-shops`);
  await page.locator('main a[href="/shops/open"]').click();
  const form = page.locator('form[action="/shops/open"]');
  keeper.shopName = `Vườn xoài Út Thử ${name}`;
  const ward = form.locator('[name="ward_code"] option', { hasText: "Ninh Kiều" }).first();
  const fields = {
    name: keeper.shopName, tax_code: "9012345672", address: "12 Hai Bà Trưng", phone: keeper.phone,
    number: "123", holder: "Nguyễn Văn Út Thử",
  };
  for (const [field, value] of Object.entries(fields)) await form.locator(`[name="${field}"]`).fill(value);
  const choices = { kind: "HOUSEHOLD", ward_code: await ward.getAttribute("value"), bin: bank.bin };
  for (const [field, value] of Object.entries(choices)) await form.locator(`[name="${field}"]`).selectOption(value);
  await form.locator("button").click();
  await refused(page, "number", /ít nhất 6/, { ...fields, ...choices });
  await judge(page);
  await form.locator('[name="number"]').fill("0071 0012 34567");
  await form.locator('[name="tax_code"]').fill(NO_TAX_CODE);
  await form.locator("button").click();
  await refused(page, "tax_code", /không hợp lệ/, { tax_code: NO_TAX_CODE, ...choices });
  await form.locator('[name="tax_code"]').fill("9012345672");
  await form.locator("button").click();
  await page.waitForURL(/\/my-shops\/shop_/);
  await page.locator('.notice[role="status"]').waitFor();
  keeper.home = page.url();
  await judge(page);
}

const HEADER = "handle,kind,title_vi,title_en,category_slug,unit,sku,price,currency,stock";
const GOOD = "xoai-ut-thu,GOODS,Xoài cát Út Thử,Út Thử mango,trai-cay-nhiet-doi,kg,UT-1,65000,VND,40";
const NO_PRICE = "buoi-ut-thu,GOODS,Bưởi năm roi Út Thử,,trai-cay-nhiet-doi,trái,UT-2,rẻ lắm,VND,30";
const NO_STALL = "me-ut-thu,GOODS,Mè Út Thử,,quay-khong-co,kg,UT-3,80000,VND,10";
const MENDED = [GOOD, NO_PRICE.replace("rẻ lắm", "30000"), NO_STALL.replace("quay-khong-co", "trai-cay")];

/** Sends a file and waits until it is worked through; gives the four figures: new, changed, the same, wrong. */
async function importFile({ page, home }, lines, dryRun) {
  await page.goto(`${home}/import`);
  await page.locator('[name="file"]').setInputFiles({
    name: "hang.csv", mimeType: "text/csv", buffer: Buffer.from([HEADER, ...lines, ""].join("\r\n")),
  });
  await page.locator('[name="dry_run"]').setChecked(dryRun);
  await page.locator('form[enctype="multipart/form-data"] button').click();
  await page.waitForURL(/\/import\/./);
  await page.locator(hook("import-FINISHED")).waitFor({ timeout: 30_000 });
  return (await page.locator("#import .figure b").allInnerTexts()).map(Number);
}

/** A file with two lines to mend: each is named with what is wrong, and nothing is changed. */
export async function tryFile(keeper) {
  const { page, home } = keeper;
  await page.goto(`${home}/import`);
  await judge(page);
  const [created, , , wrong] = await importFile(keeper, [GOOD, NO_PRICE, NO_STALL], true);
  assert.deepEqual({ created, wrong }, { created: 1, wrong: 2 });
  const problems = page.locator("#import tbody tr");
  assert.equal(await problems.count(), 2);
  const [price, stall] = await problems.allInnerTexts();
  assert.match(price, /^3\s.*price.*giá tiền.*rẻ lắm/s, "line 3 has no price");
  assert.match(stall, /^4\s.*category_slug.*quay-khong-co/s, "line 4 has no stall of the market");
  await judge(page);
  await page.goto(`${home}/products`);
  assert.equal(await page.locator("main ul.lines > li").count(), 0, "a trial changes nothing");
  await judge(page);
}

/** The same file, mended; sent again it changes nothing. */
export async function importGoods(keeper) {
  const { page, home } = keeper;
  assert.deepEqual(await importFile(keeper, MENDED, true), [3, 0, 0, 0]);
  assert.deepEqual(await importFile(keeper, MENDED, false), [3, 0, 0, 0]);
  assert.deepEqual(await importFile(keeper, MENDED, false), [0, 0, 3, 0]);
  await page.goto(`${home}/products`);
  assert.equal(await page.locator("main ul.lines > li").count(), 3);
  await judge(page);
}

/** The editor, and price, stock and sale in the list. */
export async function correctProduct(keeper) {
  const { page, home } = keeper;
  const list = `${home}/products`;
  const product = page.locator("main ul.lines > li", { hasText: "Xoài cát Út Thử" });
  await product.locator(hook("edit-product")).click();
  const form = page.locator(hook("product-form"));
  await form.locator('[name="description"]').fill("Hái buổi sáng, giao trong ngày.");
  await form.locator('[name="attributes"]').fill("Vùng trồng Phong Điền");
  await form.locator(hook("save-product")).click();
  await refused(page, "attributes", /dấu hai chấm/, { description: "Hái buổi sáng, giao trong ngày." });
  await judge(page);
  await form.locator('[name="attributes"]').fill("Vùng trồng: Phong Điền");
  await form.locator(hook("save-product")).click();
  await page.waitForURL(list);

  await product.locator('form[action$="/price"] input').fill("70000");
  await product.locator('form[action$="/price"] button').click();
  await page.locator("main ul.lines > li .price", { hasText: "70.000" }).waitFor();
  await product.locator('form[action$="/stock"] [name="change"]').fill("-5");
  await product.locator('form[action$="/stock"] button').click();
  await page.locator('.notice[role="status"]').waitFor();
  assert.match(await product.innerText(), /70\.000\s₫ · 35/);
  await product.locator('form[action$="/hide"] button').click();
  await product.locator('form[action$="/show"] button').click();
  await product.locator('form[action$="/hide"]').waitFor();
}

/** The owner sends the shop in; an operator lets it sell. */
export async function beApproved(keeper, browser, baseUrl, viewport) {
  const { page, home, shopName } = keeper;
  await page.goto(home);
  assert.equal(await page.locator('main a[href^="/s/"]').count(), 0, "nobody sees it yet");
  await page.locator('form[action$="/submit"] button').click();
  await page.locator('.notice[role="status"]').waitFor();
  assert.equal(await page.locator('form[action$="/submit"]').count(), 0, "nobody submits twice");
  await judge(page);
  const operator = await signedIn(browser, baseUrl, viewport, OPERATOR);
  await operator.page.goto(`${baseUrl}/operations`);
  const waiting = operator.page.locator("main ul.list > li", { hasText: shopName });
  await waiting.locator(hook("approve")).click();
  await operator.page.locator('.notice[role="status"]').waitFor();
  assert.equal(await waiting.count(), 0);
  assert.deepEqual(operator.wrongs, []);
  await operator.context.close();
  await page.goto(home);
  keeper.shopPath = await page.locator('main a[href^="/s/"]').getAttribute("href");
  await judge(page);
}

/** What a shopkeeper opens besides. */
const OTHER_PAGES = ["vouchers", "resellers", "tours", "direct", "details"];

/** They stand on the screen, are reached by a link, and lead back. */
export async function seeOtherPages({ page, home }) {
  const { pathname } = new URL(home);
  for (const name of OTHER_PAGES) {
    await page.goto(home);
    await page.locator(`main a[href="${pathname}/${name}"]`).click();
    await page.waitForURL(`${home}/${name}`);
    await judge(page);
    assert.ok((await page.locator(`main a[href="${pathname}"]`).count()) > 0, `${name} leads nowhere back`);
  }
  await page.goto(home);
  await page.locator('main a[href*="/refund?payment="]').first().click();
  await page.waitForURL("**/refund?**");
  await judge(page);
  await page.goto(new URL("/password", home).href);
}

/** A browser without scripts still adds goods, asks for money at the counter, and is told that it came. */
export async function withoutScripts(keeper, browser, baseUrl, viewport) {
  const { context, page, wrongs } = await newVisitor(browser, baseUrl, viewport, { javaScriptEnabled: false });
  try {
    await context.addCookies(await keeper.page.context().cookies());
    await page.goto(`${keeper.home}/products`);
    await page.locator("details.filters summary").click();
    const form = page.locator('form[action$="/products"]');
    const fields = { title: "Mận hồng đào Út Thử", unit: "kg", price: "45.000", stock: "20" };
    for (const [field, value] of Object.entries(fields)) await form.locator(`[name="${field}"]`).fill(value);
    await form.locator("button").click();
    await page.locator("main ul.lines > li", { hasText: fields.title }).waitFor();
    await page.goto(`${keeper.home}/counter`);
    await page.locator(hook("counter-amount")).fill("45.000");
    await page.locator(hook("counter-ask")).click();
    const payload = await page.locator(hook("qr")).getAttribute("data-payload");
    await transfer(baseUrl, payload);
    for (let tries = 0; (await page.locator(hook("counter-paid")).count()) === 0; tries += 1) {
      assert.ok(tries < 20, "the till does not turn to paid");
      await page.waitForTimeout(250);
      await page.locator('main a[href*="/counter/"]').click();
    }
    assert.deepEqual(wrongs, []);
  } finally {
    await context.close();
  }
}

/** Somebody's banking app pays what a QR says. */
export async function transfer(baseUrl, payload) {
  const answer = await fetch(`${baseUrl}/sandbox/bank/transfers`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ payload, payer: "NGUYEN THI THU" }),
  });
  assert.ok(answer.ok, `the sandbox bank answered ${answer.status}: ${await answer.text()}`);
}
