// A boat that leaves tonight, put on the river by a shopkeeper of the seed through the public API: the
// journey can check its guests in on the day it runs, at whatever hour.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

/** Everybody's password in a seeded market. */
export const PASSWORD = process.env.SEED_PASSWORD ?? "cho-noi-cai-rang";
const SHOPS = new URL("../../infra/chonoi/seed/shops.csv", import.meta.url);
const TOURS = new URL("../../infra/chonoi/seed/tours.toml", import.meta.url);
/** How long search may take to know the boat. */
const FOUND_WITHIN_MS = 20_000;

/** Today in Vietnam. */
export const today = () => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);

/** The public API, as nobody or with somebody's session. */
export class Api {
  constructor(baseUrl, token) {
    this.baseUrl = baseUrl;
    this.token = token;
  }

  async run(query, variables = {}) {
    const answer = await fetch(`${this.baseUrl}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(this.token && { authorization: `Bearer ${this.token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await answer.json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  }

  /** A mutation that is refused by nobody; gives its payload. */
  async change(query, input) {
    const [payload] = Object.values(await this.run(query, { input }));
    assert.deepEqual(payload.userErrors, []);
    return payload;
  }

  async signIn(login) {
    const query = "mutation($input: SignInInput!) { signIn(input: $input) { session { token } userErrors { code message } } }";
    const { session } = await this.change(query, { login, password: PASSWORD });
    return new Api(this.baseUrl, session.token);
  }
}

/** Login of the shopkeeper with the first tour of the seed: the seed numbers shopkeepers as the file does. */
async function boatman() {
  const key = /^shop_key = "(.*)"$/m.exec(await readFile(TOURS, "utf8"))[1];
  const lines = (await readFile(SHOPS, "utf8")).trim().split("\n").slice(1);
  const at = lines.findIndex((line) => line.startsWith(`${key},`));
  assert.ok(at >= 0, `the seed has no shop ${key}`);
  return `chushop${at + 1}@chonoi.example`;
}

/** A tour with seats tonight; as search shows it. */
export async function putBoatOnTheRiver(baseUrl) {
  const login = await boatman();
  const owner = await new Api(baseUrl).signIn(login);
  const { me } = await owner.run("{ me { shops { nodes { id } } } }");
  const shopId = me.shops.nodes[0].id;
  const price = { amount: "180000", currency: "VND" };
  const text = (vi, en) => ({ vi, en });
  const { product } = await owner.change(
    `mutation($input: CreateProductInput!) { createProduct(input: $input) { product { id slug } userErrors { code message path } } }`,
    {
      shopId, kind: "TOUR", publish: true,
      title: text("Đờn ca tài tử trên sông Hậu đêm nay", "Music on the Hậu river tonight"),
      description: text("Thuyền nhỏ, đèn lồng.", "A small boat with lanterns."),
      tour: {
        durationMinutes: 90, cutoffMinutes: 0, capacity: 12, languages: ["vi"],
        meetingPoint: { text: text("Bến Ninh Kiều", "Ninh Kiều wharf") },
        options: [{ code: "join-in", kind: "JOIN_IN", title: text("Đi ghép", "Join in"), tickets: [{ code: "adult", age: "ADULT", price }] }],
        cancellationPolicy: [{ hoursBefore: 0, refundBasisPoints: 5000 }],
      },
    },
  );
  const { schedule } = await owner.change(
    `mutation($input: ScheduleDeparturesInput!) { scheduleDepartures(input: $input) { schedule { departures { id } } userErrors { code message path } } }`,
    { shopId, productId: product.id, rule: { start: `${today()}T23:59`, rrule: "FREQ=DAILY;COUNT=1" }, idempotencyKey: `boat-${product.id}` },
  );
  const tour = { path: `/p/${product.slug}`, day: today(), shopId, login, owner, departure: schedule.departures[0].id };
  const until = Date.now() + FOUND_WITHIN_MS;
  for (;;) {
    const page = await (await fetch(`${baseUrl}/search?date=${tour.day}`)).text();
    if (page.includes(`href="${tour.path}`)) return tour;
    assert.ok(Date.now() < until, "search does not find the boat");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
