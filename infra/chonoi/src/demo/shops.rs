//! The shopkeepers' part: sign up, open a shop, be approved, bring products on line.

use anyhow::Context;
use serde_json::{Value, json};

use super::telling::Telling;
use crate::api::Api;
use crate::commands::follow_import;

/// A shop of the story.
#[derive(Debug)]
pub struct Story {
    owner: &'static str,
    name: &'static str,
    ward_code: &'static str,
    bank_bin: &'static str,
    bank_holder: &'static str,
    products: &'static str,
}

/// A fruit seller of the floating market.
pub const FRUIT: Story = Story {
    owner: "Nguyễn Thị Bông",
    name: "Vựa trái cây Bông Sen",
    ward_code: "31186",
    bank_bin: "970405",
    bank_holder: "NGUYEN THI BONG",
    products: "handle,kind,title_vi,title_en,description_vi,description_en,category_slug,unit,ocop_stars,\
option1_name,option1_value,option2_name,option2_value,option3_name,option3_value,sku,barcode,price,currency,stock\n\
xoai-cat,GOODS,Xoài cát Hòa Lộc,Hoa Loc mango,Xoài chín cây ngọt lịm.,Tree-ripened and sweet.,,kg,0,,,,,,,XCHL,,85000,VND,40\n\
vu-sua,GOODS,Vú sữa Lò Rèn,Star apple,Vú sữa vỏ mỏng.,Thin-skinned star apples.,,kg,0,,,,,,,VSLR,,60000,VND,25\n",
};

/// A bakery of Sóc Trăng.
pub const CAKES: Story = Story {
    owner: "Trần Văn Khởi",
    name: "Lò bánh pía Tân Khởi",
    ward_code: "31510",
    bank_bin: "970436",
    bank_holder: "TRAN VAN KHOI",
    products: "handle,kind,title_vi,title_en,description_vi,description_en,category_slug,unit,ocop_stars,\
option1_name,option1_value,option2_name,option2_value,option3_name,option3_value,sku,barcode,price,currency,stock\n\
banh-pia,GOODS,Bánh pía sầu riêng,Durian pia cake,Bánh pía nhân đậu xanh sầu riêng.,Mung bean and durian.,,hộp,4,Cỡ,4 bánh,,,,,PIA4,,65000,VND,100\n\
banh-pia,,,,,,,,,Cỡ,8 bánh,,,,,PIA8,,120000,VND,60\n",
};

/// A household with a boat at the wharf.
pub const BOAT: Story = Story {
    owner: "Lý Thị Sông",
    name: "Xuồng đêm Sông Hậu",
    ward_code: "31135",
    bank_bin: "970436",
    bank_holder: "LY THI SONG",
    products: "",
};

/// A shop that is open, and its owner.
#[derive(Debug)]
pub struct OpenShop {
    /// The API, with the owner's session.
    pub owner: Api,
    /// The shop's id.
    pub id: String,
    /// Slug of its first product, to search for.
    pub name: &'static str,
}

const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) {
  session { token expiresAt } user { id } userErrors { code message path } } }";
const SIGN_IN: &str = "mutation($login: String!, $password: String!) {
  signIn(input: {login: $login, password: $password}) { session { token } user { id }
    userErrors { code message } } }";
const OPEN_SHOP: &str = "mutation($input: OpenShopInput!) { openShop(input: $input) {
  shop { id slug status } userErrors { code message path } } }";
const SUBMIT: &str = "mutation($id: ID!) { submitShop(input: {shopId: $id}) {
  shop { status } userErrors { code message } } }";
const APPROVE: &str = "mutation($id: ID!) { approveShop(input: {shopId: $id}) {
  shop { status } userErrors { code message } } }";

/// The operator signs in.
pub async fn sign_in_operator(
    api: &Api,
    login: &str,
    password: &str,
    telling: &Telling,
) -> anyhow::Result<Api> {
    let payload = api
        .change(SIGN_IN, json!({ "login": login, "password": password }))
        .await
        .context("the operator cannot sign in")?;
    telling.step("The market's operator signs in.", &json!({ "user": payload["user"]["id"] }));
    Ok(api.with_token(payload["session"]["token"].as_str().context("no session")?))
}

/// A shopkeeper signs up, opens a shop and has it approved.
pub async fn open_approved(
    api: &Api,
    operator: &Api,
    story: &Story,
    telling: &Telling,
) -> anyhow::Result<OpenShop> {
    let owner = sign_up(api, story, telling).await?;
    let shop = open(&owner, story).await?;
    let id = shop["id"].as_str().context("the shop has no id")?.to_owned();
    owner.change(SUBMIT, json!({ "id": id })).await?;
    let approved = operator.change(APPROVE, json!({ "id": id })).await?;
    anyhow::ensure!(approved["shop"]["status"] == "APPROVED", "the shop is {}", approved["shop"]);
    telling.step(
        &format!("She opens the shop \"{}\"; the operator approves it.", story.name)
            .replace("She", if story.owner.contains("Văn") { "He" } else { "She" }),
        &json!({ "shop": id, "slug": shop["slug"] }),
    );
    Ok(OpenShop { owner, id, name: story.name })
}

/// The same, and a product file is imported.
pub async fn open_and_fill(
    api: &Api,
    operator: &Api,
    story: &Story,
    telling: &Telling,
) -> anyhow::Result<OpenShop> {
    let shop = open_approved(api, operator, story, telling).await?;
    let (owner, id) = (&shop.owner, &shop.id);
    let rehearsal =
        follow_import(owner, id, Some("CHONOI"), story.products.as_bytes(), true).await?;
    let import = follow_import(owner, id, Some("CHONOI"), story.products.as_bytes(), false).await?;
    anyhow::ensure!(import["failed"] == 0, "the import failed: {import}");
    anyhow::ensure!(rehearsal["created"] == import["created"], "the dry run said otherwise");
    telling.step(
        "A product file is tried (dry run) and imported.",
        &json!({ "created": import["created"] }),
    );
    Ok(shop)
}

async fn sign_up(api: &Api, story: &Story, telling: &Telling) -> anyhow::Result<Api> {
    let email = format!("demo-{:016x}@chonoi.example", rand::random::<u64>());
    let password = format!("mat-khau-{:016x}", rand::random::<u64>());
    let input = json!({
        "name": story.owner, "email": email, "password": password, "locale": "VI",
        "acceptedTerms": api.terms().await?,
    });
    let payload = api.change(SIGN_UP, json!({ "input": input })).await?;
    telling.step(&format!("{} signs up.", story.owner), &json!({ "user": payload["user"]["id"] }));
    Ok(api.with_token(payload["session"]["token"].as_str().context("no session")?))
}

async fn open(owner: &Api, story: &Story) -> anyhow::Result<Value> {
    let input = json!({
        "name": story.name, "kind": "HOUSEHOLD", "taxCode": "", "wardCode": story.ward_code,
        "address": "12 đường Bến Chợ", "phone": "0900000123",
        "bankAccount": {
            "bin": story.bank_bin, "number": "0123456789", "holder": story.bank_holder,
        },
    });
    Ok(owner.change(OPEN_SHOP, json!({ "input": input })).await?["shop"].take())
}
