// What Stripe's own library makes of what it is asked. Reads a JSON list of tasks, writes the list of
// what came of them:
//   node stripe.mjs <tasks.json >outcomes.json
import Stripe from 'stripe';

const webhooks = new Stripe('sk_test_nobody').webhooks;

// A signature as Stripe makes it. `at` is in seconds.
function sign({ payload, secret, at }) {
  return webhooks.generateTestHeaderString({ payload, secret, timestamp: at });
}

// Whether Stripe's library believes a call, as it would be received at a moment (in seconds).
function verify({ payload, header, secret, at }) {
  const event = webhooks.constructEvent(payload, header, secret, 300, undefined, at * 1000);
  return { id: event.id, type: event.type };
}

// A sale through Stripe's library at the sandbox: `base` is where the sandbox listens.
async function sell({ base, key }) {
  const elsewhere = (url, init) => {
    const { pathname, search } = new URL(url);
    return fetch(base + pathname + search, init);
  };
  const httpClient = Stripe.createFetchHttpClient(elsewhere);
  const stripe = new Stripe(key, { httpClient, maxNetworkRetries: 0 });
  const stranger = new Stripe('sk_test_another', { httpClient, maxNetworkRetries: 0 });
  const refusal = async (promise) => {
    try {
      await promise;
      return 'done';
    } catch (error) {
      return `${error.type} ${error.code ?? ''}`.trim();
    }
  };
  const request = {
    mode: 'payment',
    line_items: [
      { quantity: 2, price_data: { currency: 'vnd', unit_amount: 85000, product_data: { name: 'Xoài' } } },
      { quantity: 1, price_data: { currency: 'vnd', unit_amount: 30000, product_data: { name: 'Dừa' } } },
    ],
    client_reference_id: 'pay_1',
    metadata: { payment_id: 'pay_1' },
    success_url: 'https://chonoi.example/xong',
    cancel_url: 'https://chonoi.example/gio-hang',
  };
  const idempotencyKey = 'peer-1';
  const session = await stripe.checkout.sessions.create(request, { idempotencyKey });
  const again = await stripe.checkout.sessions.create(request, { idempotencyKey });
  const otherBody = await refusal(
    stripe.checkout.sessions.create({ ...request, client_reference_id: 'pay_2' }, { idempotencyKey }),
  );
  const bare = await stripe.paymentIntents.create({ amount: 120000, currency: 'vnd', payment_method_types: ['card'] });
  const declined = await refusal(
    stripe.paymentIntents.confirm(bare.id, { payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' }),
  );
  const paid = await stripe.paymentIntents.confirm(bare.id, {
    payment_method: 'pm_card_bypassPending',
    expand: ['latest_charge.balance_transaction'],
  });
  const refund = await stripe.refunds.create({ payment_intent: bare.id, amount: 20000 });
  const tooMuch = await refusal(stripe.refunds.create({ payment_intent: bare.id, amount: 100001 }));
  const unknown = await refusal(stripe.refunds.retrieve('re_none'));
  const forged = await refusal(stranger.refunds.retrieve(refund.id));
  const payout = await stripe.payouts.create({});
  let netted = 0;
  let movements = 0;
  for await (const movement of stripe.balanceTransactions.list({ payout: payout.id, limit: 1 })) {
    netted += movement.net;
    movements += 1;
  }
  const events = [];
  for await (const event of stripe.events.list({ limit: 3 })) {
    events.push(event.type);
  }
  return {
    session: { same: session.id === again.id, status: session.status, total: session.amount_total, url: session.url },
    charge: { status: paid.latest_charge.status, fee: paid.latest_charge.balance_transaction.fee },
    refund: refund.status,
    payout: { amount: payout.amount, netted, movements },
    refusals: { otherBody, declined, tooMuch, unknown, forged },
    events: events.reverse(),
  };
}

const tasks = { sign, verify, sell };
let text = '';
for await (const part of process.stdin) {
  text += part;
}
const outcomes = [];
for (const { task, ...asked } of JSON.parse(text)) {
  try {
    outcomes.push({ ok: await tasks[task](asked) });
  } catch (error) {
    outcomes.push({ error: `${error.type ?? error.name}: ${error.message}` });
  }
}
console.log(JSON.stringify(outcomes));
