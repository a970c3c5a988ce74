//! What a patrol of the demo found, set against what was planted: counted by kind, printed as a table.
#![deny(clippy::disallowed_methods)]

use std::fmt;

use super::truth::Truth;
use crate::finding::{Finding, State};

/// Kinds in the order of the table: rule id and 类别.
pub const KINDS: [(&str, &str); 41] = [
    ("broken-link", "错链、断链"),
    ("soft-404", "假正常页面（软404）"),
    ("faulty-attachment", "附件失效"),
    ("impossible-link", "访问者无法打开的地址"),
    ("lapsed-domain", "外链变质"),
    ("hidden-link", "暗链"),
    ("empty-column", "空白栏目"),
    ("stale-news-column", "动态要闻类栏目不更新"),
    ("stale-notice-column", "通知公告类栏目不更新"),
    ("stale-policy-column", "政策文件类栏目不更新"),
    ("overdue-column", "栏目超过登记的更新周期"),
    ("stale-home", "首页不更新"),
    ("no-ipv6", "不支持IPv6"),
    ("missing-police-filing", "网站标识缺失（疑似）"),
    ("wrong-site-code", "网站标识码与登记不符"),
    ("page-tag-fault", "页面标签缺失"),
    ("typo", "错别字"),
    ("id-number-leak", "个人信息泄露"),
    ("unreachable-site", "站点无法访问（疑似）"),
    ("missing-interpretation-column", "规定栏目未开设（疑似）"),
    ("missing-ecology-link", "规定链接缺失"),
    ("late-subsidy-list", "未按期公开"),
    ("redated-article", "旧稿新发（疑似）"),
    ("public-report", "找错留言超期未办结"),
    ("no-site-search", "站内搜索不可用（疑似）"),
    ("not-archived-special", "专题未标明归档（疑似）"),
    ("no-review-line", "稿件未见审核署名（疑似）"),
    ("inaccessible-image", "图片缺少替代文本（疑似）"),
    ("stale-account", "新媒体超期未更新"),
    ("dead-account", "僵尸账号"),
    ("app-unavailable", "APP无法使用"),
    ("no-interaction", "新媒体无有效互动"),
    ("duplicate-account", "同一平台重复开设"),
    ("stopped-not-cancelled", "停止维护未注销"),
    ("cancelled-alive", "注销后仍在发布"),
    ("commercial-content", "新媒体刊登商业广告"),
    ("dead-menu-link", "新媒体菜单链接失效（疑似）"),
    ("unsynchronised", "未同步发布（疑似）"),
    ("unregistered-account", "新媒体账号未登记（疑似）"),
    ("idle-account", "使用率低（建议）"),
    ("merge-candidate", "功能相近（建议）"),
];

/// One kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Rule id.
    pub rule: String,
    /// 类别.
    pub title: String,
    /// Defects planted.
    pub planted: usize,
    /// Of them, found.
    pub found: usize,
    /// Of them, missed.
    pub missed: usize,
    /// Findings that tell of no planted defect.
    pub wrong: usize,
    /// True where this machine cannot look at all.
    pub unchecked: bool,
}

/// The whole result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// One row a kind; rules beside the known ones follow at the end.
    pub rows: Vec<Row>,
    /// What was missed, in words.
    pub missed: Vec<String>,
    /// What was wrongly accused, in words.
    pub wrong: Vec<String>,
    /// Healthy look-alikes in all.
    pub look_alikes: usize,
    /// Of them, accused.
    pub look_alikes_accused: usize,
}

/// Sets `findings` against `truth`. Without `ipv6` (no `::1` on this machine) nothing is asked of `no-ipv6`.
pub fn score(findings: &[Finding], truth: &Truth, ipv6: bool) -> Table {
    let mut rows: Vec<Row> = KINDS.iter().map(|(rule, title)| Row::new(rule, title)).collect();
    let (mut missed, mut wrong) = (Vec::new(), Vec::new());
    for row in &mut rows {
        row.unchecked = row.rule == "no-ipv6" && !ipv6;
    }
    for planted in truth.planted.iter().filter(|p| ipv6 || p.rule != "no-ipv6") {
        let told: Vec<&Finding> = findings.iter().filter(|f| planted.is_told_by(f)).collect();
        let row = row_of(&mut rows, planted.rule);
        row.planted += 1;
        if told.iter().any(|f| f.state == planted.state && f.stock == planted.stock) {
            row.found += 1;
        } else {
            row.missed += 1;
            let seen = match told.first() {
                None => "",
                Some(f) if f.state != planted.state && f.state == State::Suspected => "（仅为疑似）",
                Some(f) if f.stock != planted.stock => "（存量标记不符）",
                Some(_) => "（结论过重）",
            };
            missed.push(format!("{}　{}　{}{seen}", row.title, planted.what, planted.url));
        }
    }
    let mut accused = Vec::new();
    for finding in findings.iter().filter(|f| !truth.follows(f)) {
        // To be surer than two looks allow is an accusation too.
        let fair = truth.planted_for(finding).is_some_and(|p| p.state >= finding.state);
        if fair {
            continue;
        }
        let row = row_of(&mut rows, &finding.rule);
        row.wrong += 1;
        let healthy = truth.look_alike_for(finding);
        let why = healthy.map_or("", |h| h.what);
        if healthy.is_some() && !accused.contains(&&finding.url) {
            accused.push(&finding.url);
        }
        let page = finding.page.as_deref().unwrap_or("-");
        wrong.push(format!("{}　{}　所在页面：{page}　{why}", row.title, finding.url));
    }
    Table { rows, missed, wrong, look_alikes: truth.look_alikes.len(), look_alikes_accused: accused.len() }
}

fn row_of<'a>(rows: &'a mut Vec<Row>, rule: &str) -> &'a mut Row {
    let index = rows.iter().position(|row| row.rule == rule).unwrap_or(rows.len());
    if index == rows.len() {
        rows.push(Row::new(rule, rule));
    }
    &mut rows[index]
}

impl Row {
    fn new(rule: &str, title: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            title: title.to_owned(),
            planted: 0,
            found: 0,
            missed: 0,
            wrong: 0,
            unchecked: false,
        }
    }
}

impl Table {
    /// Nothing missed and nothing wrongly accused.
    pub fn perfect(&self) -> bool {
        self.missed.is_empty() && self.wrong.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![["类别", "植入", "发现", "漏报", "误报"].map(str::to_owned)];
        for row in &self.rows {
            let counts = if row.unchecked {
                ["未检测".to_owned(), "-".to_owned(), "-".to_owned(), row.wrong.to_string()]
            } else {
                [row.planted, row.found, row.missed, row.wrong].map(|n| n.to_string())
            };
            let [planted, found, missed, wrong] = counts;
            lines.push([row.title.clone(), planted, found, missed, wrong]);
        }
        let sum = |part: fn(&Row) -> usize| self.rows.iter().map(part).sum::<usize>().to_string();
        lines.push([
            "合计".to_owned(),
            sum(|r| r.planted),
            sum(|r| r.found),
            sum(|r| r.missed),
            sum(|r| r.wrong),
        ]);
        let first = lines.iter().map(|line| width(&line[0])).max().unwrap_or_default();
        for [title, counts @ ..] in &lines {
            write!(f, "{title}{}", " ".repeat(first - width(title)))?;
            for count in counts {
                write!(f, "{}{count}", " ".repeat(8_usize.saturating_sub(width(count))))?;
            }
            writeln!(f)?;
        }
        writeln!(f, "健康对照{}处，被误报{}处。", self.look_alikes, self.look_alikes_accused)?;
        for (heading, entries) in [("漏报", &self.missed), ("误报", &self.wrong)] {
            for entry in entries {
                writeln!(f, "{heading}：{entry}")?;
            }
        }
        Ok(())
    }
}

/// Columns that a terminal needs for `text`: two for every East Asian wide or full-width character.
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
            | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD)
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::truth::{Planted, Reach};
    use crate::finding::{Cause, Class, Confidence, Evidence, Fingerprint, Severity, Subject, SubjectKind};

    /// A finding that tells exactly of `planted`.
    fn telling(planted: &Planted) -> Finding {
        Finding {
            rule: planted.rule.to_owned(),
            title: String::new(),
            indicator: String::new(),
            severity: Severity::Deadline,
            class: Class::Deduction,
            subject: Subject {
                kind: SubjectKind::Link,
                site: "9901000001".to_owned(),
                site_name: "示例市人民政府".to_owned(),
                place: String::new(),
                column: None,
            },
            description: String::new(),
            remedy: String::new(),
            url: planted.url.clone(),
            page: None,
            cause: Cause::Single,
            stock: planted.stock,
            confidence: Confidence::High,
            state: planted.state,
            evidence: Evidence { looks: Vec::new(), excerpt: String::new(), last_update: None },
            fingerprint: Fingerprint::of("9901000001", planted.rule, &planted.url),
        }
    }

    fn perfect() -> (Truth, Vec<Finding>) {
        let truth = Truth::on(8080);
        let findings = truth.planted.iter().map(telling).collect();
        (truth, findings)
    }

    #[test]
    fn all_found_and_nothing_else_is_perfect() {
        let (truth, findings) = perfect();
        let table = score(&findings, &truth, true);
        assert!(table.perfect(), "{table}");
        assert_eq!(table.rows.iter().map(|r| r.found).sum::<usize>(), truth.planted.len());
    }

    #[test]
    fn one_less_is_missed_and_one_more_is_wrong() {
        let (truth, mut findings) = perfect();
        let gone = findings.remove(0);
        let mut more = telling(&truth.planted[1]);
        more.url.clone_from(&truth.look_alikes[5].url);
        findings.push(more);
        let table = score(&findings, &truth, true);
        assert_eq!((table.missed.len(), table.wrong.len(), table.look_alikes_accused), (1, 1, 1), "{table}");
        assert!(table.missed[0].contains(&gone.url));
    }

    #[test]
    fn a_suspicion_is_no_discovery() {
        let (truth, mut findings) = perfect();
        for finding in &mut findings {
            finding.state = State::Suspected;
        }
        let table = score(&findings, &truth, true);
        let unreachable = truth.planted.iter().filter(|p| p.state == State::Suspected).count();
        assert_eq!(table.missed.len(), truth.planted.len() - unreachable);
        assert!(table.wrong.is_empty());
    }

    #[test]
    fn too_sure_is_wrong() {
        let (truth, mut findings) = perfect();
        for finding in findings.iter_mut().filter(|f| f.rule == "unreachable-site") {
            finding.state = State::Confirmed;
        }
        let table = score(&findings, &truth, true);
        assert_eq!((table.missed.len(), table.wrong.len()), (1, 1), "{table}");
    }

    #[test]
    fn old_stock_must_be_marked_as_such() {
        let (truth, mut findings) = perfect();
        for finding in &mut findings {
            finding.stock = false;
        }
        assert_eq!(score(&findings, &truth, true).missed.len(), 1);
    }

    #[test]
    fn a_consequence_is_neither_asked_for_nor_wrong() {
        let (truth, mut findings) = perfect();
        let mut follows = findings.iter().find(|f| f.rule == "no-ipv6").expect("planted").clone();
        follows.url = format!("http://{}:8080/", crate::demo::CULTURE);
        findings.push(follows);
        assert!(score(&findings, &truth, true).perfect());
    }

    #[test]
    fn without_ipv6_nothing_is_asked_of_it() {
        let (truth, mut findings) = perfect();
        findings.retain(|f| f.rule != "no-ipv6");
        let table = score(&findings, &truth, false);
        assert!(table.perfect());
        assert!(table.to_string().contains("未检测"), "{table}");
    }

    #[test]
    fn hidden_links_may_be_told_by_page_or_by_target() {
        let truth = Truth::on(8080);
        let planted = truth.planted.iter().find(|p| p.reach == Reach::Page).expect("planted");
        let mut finding = telling(planted);
        finding.page = Some(planted.url.clone());
        finding.url = format!("http://{}:8080/app.html", crate::demo::FARM[2]);
        assert!(planted.is_told_by(&finding));
        finding.url = "http://elsewhere.example/".to_owned();
        finding.page = None;
        assert!(!planted.is_told_by(&finding));
    }

    #[test]
    fn columns_align_in_a_terminal() {
        let (truth, findings) = perfect();
        let text = score(&findings, &truth, true).to_string();
        let widths: Vec<usize> = text.lines().take(KINDS.len() + 2).map(width).collect();
        assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{widths:?}\n{text}");
    }
}
