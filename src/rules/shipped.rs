//! The rule files: those in the binary, and those of a folder laid over them.

use std::collections::BTreeMap;

use crate::config::fault::Fault;

/// Rule files by path within the rules folder: `basis.toml`, `national-2019/columns.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleFiles(pub(super) BTreeMap<String, RuleFile>);

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleFile {
    /// Its name in messages.
    pub(super) shown: String,
    /// Its text.
    pub(super) text: String,
    /// The first byte that is no UTF-8; then nothing of the file is read.
    pub(super) broken: Option<usize>,
}

impl RuleFiles {
    /// The files in the binary.
    pub fn shipped() -> Self {
        SHIPPED.iter().fold(Self::default(), |files, (path, text)| {
            files.with(path, &format!("rules/{path}"), (*text).to_owned())
        })
    }

    /// The same files with the one at `path` added or replaced; messages call it `shown`.
    #[must_use]
    pub fn with(mut self, path: &str, shown: &str, text: String) -> Self {
        self.0.insert(path.to_owned(), RuleFile { shown: shown.to_owned(), text, broken: None });
        self
    }

    /// As [`with`](Self::with), of the bytes of a file: where they are no UTF-8, its first wrong byte is a fault.
    #[must_use]
    pub fn with_bytes(mut self, path: &str, shown: &str, bytes: Vec<u8>) -> Self {
        let (text, broken) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(valid))
            }
        };
        self.0.insert(path.to_owned(), RuleFile { shown: shown.to_owned(), text, broken });
        self
    }

    /// Folders with rule files and no `pack.toml`: what they say is in force nowhere. One fault each, at the first file.
    pub fn stray(&self) -> Vec<Fault> {
        let packs = self.packs();
        let mut faults: Vec<Fault> = Vec::new();
        let mut told: Option<&str> = None;
        for (path, file) in &self.0 {
            let Some((folder, _)) = path.split_once('/') else { continue };
            if !packs.contains(&folder) && told != Some(folder) {
                told = Some(folder);
                let message = format!("文件夹`{folder}`没有 pack.toml，不是规则包，其中的规则不会生效");
                faults.push(Fault::new(&file.shown, 1, 1, message));
            }
        }
        faults
    }

    /// The same files without those whose path begins with `prefix`.
    #[must_use]
    pub fn without(mut self, prefix: &str) -> Self {
        self.0.retain(|path, _| !path.starts_with(prefix));
        self
    }

    /// The ids of the packs: the folders with a `pack.toml`.
    pub fn packs(&self) -> Vec<&str> {
        self.0.keys().filter_map(|path| path.strip_suffix("/pack.toml")).collect()
    }
}

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../rules/", $path)))),*]
    };
}

const SHIPPED: &[(&str, &str)] = shipped![
    "accessibility/pack.toml",
    "accessibility/rules.toml",
    "basis.toml",
    "checks.toml",
    "fujian-minhou-2025/accounts.toml",
    "fujian-minhou-2025/basis.toml",
    "fujian-minhou-2025/indicators.toml",
    "fujian-minhou-2025/pack.toml",
    "guangdong-zhaoqing-2019/basis.toml",
    "guangdong-zhaoqing-2019/pack.toml",
    "guangdong-zhaoqing-2019/score.toml",
    "henan-xiayi-2022/basis.toml",
    "henan-xiayi-2022/indicators.toml",
    "henan-xiayi-2022/pack.toml",
    "liaoning-panjin-2021/basis.toml",
    "liaoning-panjin-2021/columns.toml",
    "liaoning-panjin-2021/indicators.toml",
    "liaoning-panjin-2021/pack.toml",
    "liaoning-panjin-2021/score.toml",
    "national-2019/basis.toml",
    "disclosure-61/pack.toml",
    "disclosure-61/rules.toml",
    "domains-55/pack.toml",
    "domains-55/rules.toml",
    "guide-47/pack.toml",
    "guide-47/rules.toml",
    "ipv6/basis.toml",
    "ipv6/pack.toml",
    "ipv6/rules.toml",
    "kunming-xishan-2021/pack.toml",
    "kunming-xishan-2021/rules.toml",
    "panzhihua-2017/pack.toml",
    "panzhihua-2017/rules.toml",
    "panzhihua-2021/pack.toml",
    "panzhihua-2021/rules.toml",
    "panzhihua-xiqu-2021/pack.toml",
    "panzhihua-xiqu-2021/rules.toml",
    "review-line/pack.toml",
    "review-line/rules.toml",
    "services-2019/pack.toml",
    "services-2019/rules.toml",
    "zigong-2022/pack.toml",
    "zigong-2022/rules.toml",
    "national-2019/accounts.toml",
    "national-2019/columns.toml",
    "national-2019/indicators.toml",
    "national-2019/links.toml",
    "national-2019/marks.toml",
    "national-2019/pack.toml",
    "national-2019/score.toml",
    "national-2019/services.toml",
    "national-2019/site.toml",
    "shaanxi-yangling-2021/basis.toml",
    "shaanxi-yangling-2021/columns.toml",
    "shaanxi-yangling-2021/pack.toml",
    "sichuan-2021/basis.toml",
    "sichuan-2021/pack.toml",
    "sichuan-2021/score.toml",
    "national-2019/texts.toml",
];
