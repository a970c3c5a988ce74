//! Access tokens that are lent for a while: one for all who hold the same credentials, renewed once however many find it expired.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config::valid::Secret;

/// Renewed this long before it ends, as the platform recommends.
const EARLY: Duration = Duration::from_mins(5);

/// A token that may be used.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// The token.
    pub(super) value: Secret,
    /// Counts the tokens lent under one key: tells the one that was refused from the one that came after it.
    pub(super) number: u32,
}

#[derive(Debug, Default)]
struct Lent {
    token: Option<(Secret, Instant)>,
    number: u32,
}

/// All tokens of a run, by what they were lent for.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    lent: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Lent>>>>,
}

impl Tokens {
    /// The token for `key`. Where there is none, or it is the `refused` one, `fetch` asks for one; those who come meanwhile wait
    /// and share the answer. `fetch` is told the token that was refused.
    ///
    /// # Errors
    /// As `fetch` tells.
    pub(super) async fn get<E>(
        &self,
        key: &str,
        refused: Option<u32>,
        fetch: impl AsyncFnOnce(Option<Secret>) -> Result<(Secret, Duration), E>,
    ) -> Result<Token, E> {
        let lent = {
            let mut all = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(key.to_owned()).or_default())
        };
        let mut lent = lent.lock().await;
        let number = lent.number;
        if let Some((value, until)) = &lent.token
            && refused != Some(number)
            && *until > Instant::now()
        {
            return Ok(Token { value: value.clone(), number });
        }
        let old = lent.token.take().map(|(value, _)| value).filter(|_| refused == Some(number));
        let (value, lives) = fetch(old).await?;
        lent.number += 1;
        lent.token = Some((value.clone(), Instant::now() + lives.saturating_sub(EARLY)));
        Ok(Token { value, number: lent.number })
    }
}
