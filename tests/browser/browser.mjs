// Headless Chromium with everything on watch that must not happen on a page of ours.
import { chromium } from "playwright-core";

import { remember } from "./judge.mjs";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox", // CI runs as root; the pages are our own
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser; with `more` arguments, if something cannot be asked of it later. */
export function launch(more = []) {
  return chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...more], headless: true });
}

/**
 * A page of a person who was never here, and the list of what went wrong on it: errors in the
 * console, exceptions, violations of the content security policy, failed answers, and anything
 * asked of another host. `others` are options of the context, such as a browser without JavaScript.
 */
export async function newVisitor(browser, baseUrl, viewport, others = {}) {
  const context = await browser.newContext({
    viewport,
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    isMobile: viewport.width < 600,
    hasTouch: viewport.width < 600,
    ...others,
  });
  context.setDefaultTimeout(15_000);
  const wrongs = [];
  await context.exposeBinding("reportCspViolation", (_, text) => wrongs.push(`CSP violation: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.reportCspViolation(`${event.violatedDirective} refused ${event.blockedURI} on ${location.pathname}`);
    });
  });
  const page = await context.newPage();
  remember(page);
  page.on("console", (message) => {
    if (message.type() === "error") wrongs.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => wrongs.push(`exception: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 400) wrongs.push(`${response.status()} for ${response.url()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== baseUrl) wrongs.push(`asked another host: ${url.origin}`);
  });
  return { context, page, wrongs };
}
