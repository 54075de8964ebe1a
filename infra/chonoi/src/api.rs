//! A small client of the public API, for the commands that speak to a market as anyone would.

use std::time::Duration;

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::{Value, json};

/// How soon after what was waited for a stream ends that has no more to tell.
const END_COMES_WITHIN: Duration = Duration::from_millis(50);

/// A market at an address, and who speaks to it.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// An operation, as it is sent.
#[derive(Serialize)]
struct Asked<'a> {
    query: &'a str,
    variables: &'a Value,
}

impl Api {
    /// Speaks to the market at an address, as nobody in particular.
    pub fn at(url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            // The market closes what says nothing for ten seconds: never ask on what is closing.
            .pool_idle_timeout(Duration::from_secs(5))
            .build()?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned(), token: None })
    }

    /// The same market, spoken to with a session.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same session with the same market, which answers at another address now.
    pub fn moved_to(&self, url: &str) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// The session's token, if there is one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Address of the market.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The version of the terms of now, which whoever signs up agrees to.
    pub async fn terms(&self) -> anyhow::Result<String> {
        let mut data = self.run("{ terms { version } }", json!({})).await?;
        match data["terms"]["version"].take() {
            Value::String(version) => Ok(version),
            other => bail!("the terms have no version: {other}"),
        }
    }

    /// Runs an operation and gives its data. Top-level errors are errors.
    pub async fn run(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let mut request = self
            .http
            .post(format!("{}/graphql", self.url))
            .header("accept-language", "vi")
            .json(&Asked { query, variables: &variables });
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.context("the market cannot be reached")?;
        let status = response.status();
        let mut answer: Value =
            response.json().await.with_context(|| format!("no JSON came back ({status})"))?;
        if let Some(errors) = answer.get("errors").filter(|errors| !errors.is_null()) {
            bail!("the API answered: {errors}");
        }
        Ok(answer["data"].take())
    }

    /// Runs a mutation with one field and gives that field's payload; `userErrors` are errors.
    pub async fn change(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let payload = self.attempt(query, variables).await?;
        let errors = payload["userErrors"].as_array().cloned().unwrap_or_default();
        if let Some(first) = errors.first() {
            bail!("refused: {first}");
        }
        Ok(payload)
    }

    /// Runs a mutation with one field and gives that field's payload, refusals and all.
    pub async fn attempt(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let data = self.run(query, variables).await?;
        let Value::Object(fields) = data else { bail!("the API gave no data") };
        fields.into_iter().next().map(|(_, payload)| payload).context("the mutation gave no field")
    }

    /// Listens to a subscription until an answer's data is what is waited for.
    pub async fn listen_until(
        &self,
        query: &str,
        variables: Value,
        awaited: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let mut request = self
            .http
            .post(format!("{}/graphql/sse", self.url))
            .header("accept", "text/event-stream")
            .json(&Asked { query, variables: &variables });
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let mut response = request.send().await?;
        let mut waiting = Vec::new();
        while let Some(bytes) = response.chunk().await? {
            waiting.extend_from_slice(&bytes);
            while let Some(end) = waiting.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = waiting.drain(..end + 2).collect();
                let Some(json) = data_of(&event) else { continue };
                let mut answer: Value = serde_json::from_slice(json)?;
                if let Some(errors) = answer.get("errors").filter(|errors| !errors.is_null()) {
                    bail!("the API answered: {errors}");
                }
                let data = answer["data"].take();
                if awaited(&data) {
                    read_to_end(response).await;
                    return Ok(data);
                }
            }
        }
        bail!("the stream ended before what was waited for")
    }

    /// Posts JSON to another door of the market.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
        let response = self.http.post(format!("{}{path}", self.url)).json(body).send().await?;
        let status = response.status().as_u16();
        Ok((status, response.json().await.unwrap_or(Value::Null)))
    }

    /// Runs a mutation that takes one file, by the GraphQL multipart request specification.
    pub async fn upload(
        &self,
        query: &str,
        variables: &Value,
        file_variable: &str,
        name: &str,
        content: &[u8],
    ) -> anyhow::Result<Value> {
        let boundary = format!("chonoi-{}", rand::random::<u64>());
        let operations = json!({ "query": query, "variables": variables }).to_string();
        let map = json!({ "0": [format!("variables.{file_variable}")] }).to_string();
        let mut body = Vec::with_capacity(content.len() + 2_048);
        for (field, value) in [("operations", &operations), ("map", &map)] {
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                    .as_bytes(),
            );
        }
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"0\"; filename=\"{name}\"\r\n\
                 Content-Type: text/csv\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let mut request = self
            .http
            .post(format!("{}/graphql", self.url))
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .header("apollo-require-preflight", "true")
            .body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let mut answer: Value = request.send().await?.json().await?;
        if let Some(errors) = answer.get("errors").filter(|errors| !errors.is_null()) {
            bail!("the API answered: {errors}");
        }
        let Value::Object(fields) = answer["data"].take() else { bail!("the API gave no data") };
        fields.into_iter().next().map(|(_, payload)| payload).context("the mutation gave no field")
    }
}

/// Reads a stream to its end, if that comes soon: then its connection serves the next question, too.
async fn read_to_end(mut response: reqwest::Response) {
    let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
    // Where more may come, the connection is given up.
    let _ = tokio::time::timeout(END_COMES_WITHIN, rest).await;
}

/// The data of one event of a stream, if it has any.
fn data_of(event: &[u8]) -> Option<&[u8]> {
    let lines = event.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| line.strip_prefix(b"data:"))
        .map(<[u8]>::trim_ascii)
        .find(|data| !data.is_empty())
}
