//! What the interfaces of all platforms have in common: JSON that may be anything, and errors that mean the same.

use serde_json::Value;

use super::{Sources, broken, unanswered};
use crate::facts::account::{AccountFacts, Health};
use crate::fetch::call::{Call, Called};
use crate::fetch::http::Gate;

/// Characters of a title that are kept.
const TITLE_CHARS: usize = 120;

impl<G: Gate> Sources<G> {
    /// Calls, keeps what can be shown of it in `facts`, and returns the JSON that came.
    ///
    /// # Errors
    /// The health of a source that did not answer in JSON.
    pub(super) async fn json(&self, call: &Call<'_>, facts: &mut AccountFacts) -> Result<Value, Health> {
        let Called { at, look, outcome } = self.http.call(call, &self.calls).await;
        facts.looks.push(look);
        let (status, body) = outcome.map_err(|error| unanswered(&error))?;
        facts.answered_at = Some(at);
        match serde_json::from_slice::<Value>(&body) {
            Ok(value @ Value::Object(_)) => Ok(value),
            _ if !(200..300).contains(&status) => Err(broken(format!("status-{status}"))),
            Ok(_) | Err(_) => Err(broken("unreadable")),
        }
    }
}

/// A whole number, however it is written.
pub(super) fn whole(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The first words of a text, without markup.
pub(super) fn title(value: Option<&Value>) -> String {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    crate::facts::regions::fold(text).chars().take(TITLE_CHARS).collect()
}

/// An http(s) address.
pub(super) fn address(value: Option<&Value>) -> Option<String> {
    value
        .and_then(Value::as_str)
        .filter(|url| url.starts_with("http://") || url.starts_with("https://"))
        .map(str::to_owned)
}
