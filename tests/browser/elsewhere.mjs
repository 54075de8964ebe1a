// A page of another origin, open in the shopper's own browser, sends forms and scripts to the market
// (cross-site request forgery). On another port of the same host the browser sends the shopper's cookies
// along, so there only the market's own look at the origin helps; from another host it keeps them back.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";

import { PASSWORD } from "./boat.mjs";
import { OPERATOR } from "./desk.mjs";

const hook = (name) => `[data-test="${name}"]`;
const HOSTS = ["127.0.0.1", "localhost"];
const CANCEL = `mutation($input: CancelCheckoutInput!) {
  cancelCheckout(input: $input) { checkout { status } userErrors { code message } } }`;

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** A page that lures people into sending a form. */
function lure({ action, enctype = "application/x-www-form-urlencoded", fields = {} }) {
  const hidden = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`);
  return `<!doctype html><html lang="vi"><title>Quà</title>
    <form method="post" action="${action}" enctype="${enctype}">${hidden.join("")}<button>Nhận quà</button></form></html>`;
}

/** Serves each form on a page of its own, on a free port: `/0`, `/1`, … */
async function serve(forms) {
  const server = createServer((request, answer) => {
    const form = forms[Number(request.url.slice(1))];
    answer.writeHead(form ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    answer.end(form && lure(form));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Sends the form that is shown; gives the market's answer once the browser shows it. */
async function send(page, action) {
  const sent = page.waitForResponse((one) => one.url() === action && one.request().method() === "POST");
  const [answer] = await Promise.all([sent, page.locator("button").click()]);
  await page.waitForURL((url) => url.href === action);
  return answer;
}

/** What a script of the page that is shown gets from the API: nothing, whether browsers ask before they send it or not. */
async function askByScript(page, baseUrl, body) {
  const reached = await page.evaluate((url) => fetch(url, { mode: "no-cors" }).then(() => true, () => false), `${baseUrl}/healthz`);
  assert.equal(reached, true, "the market is within the script's reach");
  for (const type of ["application/json", "text/plain"]) {
    const came = await page.evaluate(([url, content, contentType]) => fetch(url, {
      method: "POST", credentials: "include", headers: { "content-type": contentType }, body: content,
    }).then((answer) => answer.text(), () => "refused"), [`${baseUrl}/graphql`, body, type]);
    assert.equal(came, "refused", type);
  }
}

/** It calls no checkout off and signs nobody in (to somebody else's account), by the pages or by the API. */
export async function anotherSiteChangesNothing(shopper, browser, baseUrl) {
  const { page } = shopper;
  const checkout = page.url();
  const cookies = await page.context().cookies();
  const [id, token] = cookies.find(({ name }) => name.endsWith("checkouts")).value.split("~")[0].split(".");
  assert.ok(checkout.endsWith(`/${id}`), "the newest checkout is the one that is shown");
  const cancel = JSON.stringify({ query: CANCEL, variables: { input: { checkoutId: id, token } } });
  const forms = [
    { action: `${checkout}/cancel` },
    { action: `${baseUrl}/sign-in`, fields: { login: OPERATOR, password: PASSWORD } },
    { action: `${baseUrl}/graphql`, enctype: "multipart/form-data", fields: { operations: cancel, map: "{}" } },
  ];
  const server = await serve(forms);
  // No visitor of `newVisitor`: what is shown here is not the market's.
  const context = await browser.newContext();
  try {
    context.setDefaultTimeout(15_000);
    await context.addCookies(cookies);
    const kept = async () => (await context.cookies(baseUrl)).map(({ name, value }) => `${name}=${value}`).sort();
    const before = await kept();
    const other = await context.newPage();
    for (const host of HOSTS) {
      const origin = `http://${host}:${server.address().port}`;
      for (const [at, { action }] of forms.entries()) {
        await other.goto(`${origin}/${at}`);
        const answer = await send(other, action);
        assert.equal(answer.status(), 403, `${action} from ${origin}`);
        const { cookie = "" } = await answer.request().allHeaders();
        const sameHost = host === new URL(baseUrl).hostname;
        assert.equal(cookie.includes(token), sameHost, `the shopper's cookies with ${action} from ${origin}`);
      }
      await other.goto(`${origin}/0`);
      await askByScript(other, baseUrl, cancel);
    }
    assert.deepEqual(await kept(), before, "nobody is signed in");
  } finally {
    await context.close();
    server.close();
    server.closeAllConnections();
  }
  await page.reload();
  await page.locator(`${hook("pay")}[data-status="AWAITING_PAYMENT"]`).waitFor();
  await page.locator(hook("qr")).waitFor();
}
