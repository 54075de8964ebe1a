//! Who works for a shop: invited with a link, at work, let go; and a shop that is handed over.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chonoi::api::Api;
use journeys::market::{Stand, TestMarket};
use journeys::shopping::{TestShop, open_shop, page, sell, sign_up};
use serde_json::{Value, json};

const PASSWORD: &str = "mot-mat-khau-de-thu";
const INVITE: &str = "mutation($input: InviteShopMemberInput!) { inviteShopMember(input: $input) {
  invitation { id link } userErrors { code message path } } }";
const ACCEPT: &str = "mutation($token: String!) { acceptShopInvitation(input: {token: $token}) {
  shop { id owner { name } } userErrors { code message } } }";
const CLOSE: &str = "mutation($shop: ID!) { closeShop(input: {shopId: $shop}) {
  shop { status } userErrors { code message } } }";
const LEAVE: &str =
    "mutation($shop: ID!) { leaveShop(input: {shopId: $shop}) { userErrors { code message } } }";

fn cookie(api: &Api) -> String {
    format!("session={}", api.token().unwrap_or_default())
}

/// The token in the first link of a text that accepts an invitation.
fn token_in(text: &str) -> anyhow::Result<&str> {
    let (_, behind) = text.split_once("/join/").with_context(|| format!("no link: {text}"))?;
    let end = behind.find(|sign: char| !sign.is_ascii_hexdigit()).unwrap_or(behind.len());
    Ok(&behind[..end])
}

/// What somebody may not do, whatever it would be.
async fn is_forbidden(api: &Api, query: &str, variables: Value) -> anyhow::Result<()> {
    match api.run(query, variables).await {
        Ok(done) => bail!("it was not forbidden: {done}"),
        Err(error) => ensure!(error.to_string().contains("FORBIDDEN"), "{error}"),
    }
    Ok(())
}

async fn me(api: &Api) -> anyhow::Result<(String, String)> {
    let found = api.run("{ me { id email } }", json!({})).await?;
    let text = |field: &str| found["me"][field].as_str().map(ToOwned::to_owned).context("no text");
    Ok((text("id")?, text("email")?))
}

/// Waits until so many letters to an address left.
async fn wait_for_letters(market: &TestMarket, address: &str, count: usize) -> anyhow::Result<()> {
    let folder = Path::new(&market.config().database.data_dir).join("mails");
    for _ in 0..400 {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let letters = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        if letters.filter(|letter| letter.contains(address)).count() >= count {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("{count} letters to {address} do not leave")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_comes_by_a_link_runs_the_shop_and_is_nothing_to_it_once_let_go() -> anyhow::Result<()>
{
    let market = TestMarket::start(Stand::Embedded, |_| {}).await?;
    let shop = open_shop(&market, "Vườn trái cây Ba").await?;
    let lan = sign_up(&market.api, "Lan").await?;
    let (lan_id, lan_email) = me(&lan).await?;
    let (_, owner_email) = me(&shop.owner).await?;
    let people = format!("/my-shops/{}/members", shop.id);

    // By pages, without scripts: the owner invites, Lan opens the link and accepts.
    let fields = [("contact", "0912345678")];
    let invited = page(&shop.owner, &people, &cookie(&shop.owner), Some(&fields)).await?;
    let link = format!("/join/{}", token_in(&invited)?);
    let stranger = page(&market.api, &link, "", None).await?;
    ensure!(
        stranger.contains("Vườn trái cây Ba") && stranger.contains("/sign-in?to="),
        "{stranger}"
    );
    let joined = page(&lan, &link, &cookie(&lan), Some(&[])).await?;
    ensure!(joined.contains("data-test=\"counter-link\""), "{joined}");
    let again = page(&shop.owner, &link, &cookie(&shop.owner), None).await?;
    ensure!(again.contains("data-test=\"join-gone\""), "{again}");
    wait_for_letters(&market, &owner_email, 1).await?;

    // Staff sells, and decides nothing of the shop itself.
    let staff = TestShop { owner: lan.clone(), id: shop.id.clone() };
    sell(&staff, "Xoài", 50_000, 5).await?;
    let own = json!({ "shop": shop.id });
    is_forbidden(&lan, CLOSE, own.clone()).await?;
    let input = json!({ "shopId": shop.id, "contact": "0987654321" });
    is_forbidden(&lan, INVITE, json!({ "input": input })).await?;
    let remove = "mutation($shop: ID!, $user: ID!) { removeShopMember(input: {shopId: $shop, userId: $user}) { userErrors { code } } }";
    is_forbidden(&lan, remove, json!({ "shop": shop.id, "user": lan_id })).await?;
    let account = json!({ "bin": "970436", "number": "999999999", "holder": "LAN" });
    let input = json!({ "shopId": shop.id, "bankAccount": account, "password": PASSWORD });
    let pay_out = "mutation($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) { userErrors { code } } }";
    is_forbidden(&lan, pay_out, json!({ "input": input })).await?;
    let see =
        "query($shop: ID!) { me { shop(id: $shop) { members { role } invitations { id } } } }";
    let seen = lan.run(see, own.clone()).await?;
    let roles = json!([{ "role": "OWNER" }, { "role": "STAFF" }]);
    ensure!(seen["me"]["shop"] == json!({ "members": roles, "invitations": null }), "{seen}");

    // Let go: with the next request nothing is left.
    page(&shop.owner, &format!("{people}/{lan_id}/remove"), &cookie(&shop.owner), Some(&[]))
        .await?;
    ensure!(sell(&staff, "Ổi", 20_000, 5).await.is_err(), "who was let go sells");
    is_forbidden(&lan, LEAVE, own.clone()).await?;
    ensure!(lan.run(see, own).await?["me"]["shop"].is_null(), "who was let go sees the shop");
    ensure!(
        page(&lan, &format!("/my-shops/{}", shop.id), &cookie(&lan), None).await.is_err(),
        "the page opens"
    );
    wait_for_letters(&market, &lan_email, 2).await?;
    let log = "{ operations { auditEntries(first: 3) { nodes { action } } } }";
    let log = market.operator.run(log, json!({})).await?;
    let actions = ["shop.member_removed", "shop.member_joined", "shop.member_invited"];
    let actions = actions.map(|action| json!({ "action": action }));
    ensure!(log["operations"]["auditEntries"]["nodes"] == json!(actions), "{log}");
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_by_letter_leaves_and_a_shop_handed_over_has_one_owner() -> anyhow::Result<()>
{
    let market =
        TestMarket::start(Stand::Embedded, |config| config.settlement.cooling_off_hours = 0)
            .await?;
    let shop = open_shop(&market, "Cơ sở bánh tráng Bảy").await?;
    let input = json!({ "shopId": shop.id, "contact": "ai-do@chonoi.example" });
    let invited = shop.owner.change(INVITE, json!({ "input": input })).await?;
    ensure!(invited["invitation"]["link"].is_null(), "the letter brings it: {invited}");
    wait_for_letters(&market, "ai-do@chonoi.example", 1).await?;

    let heir = sign_up(&market.api, "Út").await?;
    let (own, mut input) = (json!({ "shop": shop.id }), json!({ "shopId": shop.id }));
    input["contact"] = json!("0912345678");
    input["role"] = json!("OWNER");
    let refused = shop.owner.attempt(INVITE, json!({ "input": input })).await?;
    ensure!(refused["userErrors"][0]["code"] == "WRONG_CREDENTIALS", "{refused}");
    input["password"] = json!(PASSWORD);
    let offered = shop.owner.change(INVITE, json!({ "input": input })).await?;
    let link = offered["invitation"]["link"].as_str().context("no link")?;
    let taken = heir.change(ACCEPT, json!({ "token": token_in(link)? })).await?;
    ensure!(taken["shop"]["owner"]["name"] == "Út", "{taken}");
    // The owner of before goes on as staff, until they leave; the new one stays.
    is_forbidden(&shop.owner, CLOSE, own.clone()).await?;
    shop.owner.change(LEAVE, own.clone()).await?;
    let stays = heir.attempt(LEAVE, own.clone()).await?;
    ensure!(stays["userErrors"][0]["code"] == "OWNER_STAYS", "{stays}");
    heir.change(CLOSE, own).await?;
    assert_eq!(market.end().await?, Vec::<String>::new());
    Ok(())
}
