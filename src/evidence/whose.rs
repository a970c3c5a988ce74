//! Whose a row is: the account of the register that a table means by platform, identifier and name.

use std::collections::BTreeMap;

use crate::facts::account::Platform;
use crate::registry::Account;

/// The accounts of a register by identifier and by name.
#[derive(Debug, Default)]
pub struct Whose {
    ids: BTreeMap<String, Vec<usize>>,
    names: BTreeMap<String, Vec<usize>>,
}

/// What a row's words lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// One account.
    One(usize),
    /// None.
    None,
    /// So many.
    Several(usize),
}

impl Whose {
    /// The accounts as registered.
    pub fn of(accounts: &[Account]) -> Self {
        let mut whose = Self::default();
        for (index, account) in accounts.iter().enumerate() {
            if !account.platform_id.is_empty() {
                whose.ids.entry(account.platform_id.to_ascii_lowercase()).or_default().push(index);
            }
            whose.names.entry(plain(&account.name)).or_default().push(index);
        }
        whose
    }

    /// The account of a row. The identifier decides where the register knows it; a name alone only where it is one account's.
    pub(super) fn find(
        &self,
        accounts: &[Account],
        platform: Option<Platform>,
        id: &str,
        name: &str,
    ) -> Found {
        let on = |indices: &[usize]| -> Vec<usize> {
            let fits = |index: &usize| {
                platform.is_none_or(|platform| accounts.get(*index).is_some_and(|a| a.platform == platform))
            };
            indices.iter().copied().filter(fits).collect()
        };
        if !id.is_empty()
            && let Some(indices) = self.ids.get(&id.to_ascii_lowercase())
            && let [one] = on(indices).as_slice()
        {
            return Found::One(*one);
        }
        let indices = self.names.get(&plain(name)).map(|indices| on(indices)).unwrap_or_default();
        // Of an account whose identifier is registered, another identifier means another account of the same name.
        let fits = |index: &usize| {
            let registered = accounts.get(*index).map(|a| a.platform_id.as_str()).unwrap_or_default();
            id.is_empty()
                || registered.is_empty()
                || registered.eq_ignore_ascii_case(id)
                || !is_like(registered, id)
        };
        let indices: Vec<usize> = indices.into_iter().filter(fits).collect();
        match indices.as_slice() {
            [] => Found::None,
            [one] => Found::One(*one),
            several => Found::Several(several.len()),
        }
    }

    /// The one account whose name stands in a text: a title row, a sheet's name, a file's name.
    pub(super) fn named_in(
        &self,
        accounts: &[Account],
        platform: Option<Platform>,
        text: &str,
    ) -> Option<usize> {
        let text = plain(text);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (name, indices) in &self.names {
            if name.chars().count() >= 2 && text.contains(name.as_str()) {
                found.extend(indices.iter().map(|index| (name.len(), *index)));
            }
        }
        found.retain(|(_, index)| {
            platform.is_none_or(|platform| accounts.get(*index).is_some_and(|a| a.platform == platform))
        });
        let longest = found.iter().map(|(length, _)| *length).max()?;
        found.retain(|(length, _)| *length == longest);
        if let [(_, one)] = found.as_slice() { Some(*one) } else { None }
    }
}

/// Whether two identifiers are of one kind, so that their difference means something: a WeChat 微信号 differs from the
/// 原始ID of the same account.
fn is_like(a: &str, b: &str) -> bool {
    let kind = |id: &str| (id.starts_with("gh_"), id.bytes().all(|c| c.is_ascii_digit()));
    kind(a) == kind(b)
}

/// A name without spaces, in half-width and lower case.
pub(super) fn plain(name: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    let kept = name.chars().map(narrow).filter(|c| !c.is_whitespace() && !"“”\"'《》【】[]".contains(*c));
    kept.flat_map(char::to_lowercase).collect()
}
