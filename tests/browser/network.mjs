// Takes the network from a page and gives it back: from the page, and from the worker behind it, which
// the browser counts apart and would let through.
import assert from "node:assert/strict";

const AWAY = { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
const BACK = { ...AWAY, offline: false };
/** By browser context: the session that keeps the network away. */
const sessions = new WeakMap();

/** Sends a command to a target that the driver has no session for. */
async function command(cdp, targetId, method, params) {
  const { sessionId } = await cdp.send("Target.attachToTarget", { targetId, flatten: false });
  const answer = new Promise((resolve) => {
    const hear = (said) => {
      const message = JSON.parse(said.message);
      if (said.sessionId !== sessionId || message.id !== 1) return;
      cdp.off("Target.receivedMessageFromTarget", hear);
      resolve(message);
    };
    cdp.on("Target.receivedMessageFromTarget", hear);
  });
  await cdp.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id: 1, method, params }) });
  const { error, result } = await answer;
  assert.equal(error, undefined, `${method}: ${JSON.stringify(error)}`);
  return result;
}

/** With or without network, until it is called again. */
export async function setNetwork(browser, page, there) {
  const context = page.context();
  await context.setOffline(!there);
  // Emulation ends with the session that asked for it: it stays open as long as the worker is away.
  await sessions.get(context)?.detach();
  sessions.delete(context);
  const cdp = await browser.newBrowserCDPSession();
  sessions.set(context, cdp);
  const own = await context.newCDPSession(page);
  const { targetInfo: shown } = await own.send("Target.getTargetInfo");
  await own.detach();
  const { targetInfos } = await cdp.send("Target.getTargets");
  const workers = targetInfos.filter((one) => one.type === "service_worker" && one.browserContextId === shown.browserContextId);
  assert.ok(workers.length > 0, "the page has a worker");
  for (const { targetId } of workers) {
    await command(cdp, targetId, "Network.emulateNetworkConditions", there ? BACK : AWAY);
    const expression = "fetch('/healthz', { cache: 'no-store' }).then(() => true, () => false)";
    const { result } = await command(cdp, targetId, "Runtime.evaluate", { expression, awaitPromise: true });
    assert.equal(result.value, there, "the worker's network");
  }
}
