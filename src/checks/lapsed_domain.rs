//! `lapsed-domain`: an outside link that is there and leads to another trade than the one it was made for.

use serde::Deserialize;

use super::{Context, Defect, broken_link, check};
use crate::facts::answer::{Answer, Fault};
use crate::facts::astray::{Astray, Trade, says_the_same};
use crate::facts::site::Link;
use crate::finding::{Confidence, Seen};

check! {
    /// 外链变质
    ///
    /// ## What it does
    /// Flags an outside link whose target opens and calls itself one of `trades`: gambling, pornography, a domain for sale, a
    /// parked domain; with `other`, also a target that an earlier run knew under a title with which the present one has
    /// nothing in common.
    ///
    /// ## Why it matters
    /// Domains lapse, and whoever buys the name of a former partner inherits the government's link. No status tells it.
    ///
    /// ## Gaps
    /// Firewall pages, logins and whatever did not open says nothing of who holds the domain. A target whose trade the link's
    /// own text names, a lottery's or a registrar's, leads where it should.
    ///
    /// ## Example
    /// 友情链接 “示例县农业信息网” opens 澳门新葡京官网入口-真人娱乐: flagged after two looks.
    LapsedDomain = "lapsed-domain", Link, Params, run
}

/// Parameters of `lapsed-domain`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// The kinds that count.
    trades: Vec<Trade>,
    /// Age in days from which an article's links are old stock (存量).
    stock_after_days: u32,
}

fn run(link: &Link, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let astray = match &link.answer {
        Answer::Astray(astray) if params.trades.contains(&astray.trade) => astray,
        _ if !link.external => return Ok(Vec::new()),
        Answer::Challenge(_) => return Err(broken_link::gap(link, "blocked")),
        Answer::Restricted => return Err(broken_link::gap(link, "restricted")),
        Answer::Unknown(why) => return Err(broken_link::gap(link, why)),
        Answer::Unreachable(Fault::Tls) => return Err(broken_link::gap(link, "tls")),
        _ => return Ok(Vec::new()),
    };
    if says_the_same(&link.text, &astray.title) {
        return Ok(Vec::new());
    }
    let confidence = match (astray.trade, &astray.was) {
        (Trade::Other, _) => Confidence::Low,
        (_, None) => Confidence::Medium,
        (_, Some(_)) => Confidence::High,
    };
    let mut defect = broken_link::defect(link, &words(astray), confidence, params.stock_after_days, cx);
    let certified =
        astray.certified.as_ref().map(|name| format!("　证书所列其他域名：{name}")).unwrap_or_default();
    defect.excerpt = format!("{}　现标题：{}{certified}", defect.excerpt, astray.title);
    Ok(vec![defect])
}

fn words(astray: &Astray) -> String {
    let now = match astray.trade {
        Trade::Gambling => "指向的网站现为赌博内容",
        Trade::Adult => "指向的网站现为色情内容",
        Trade::ForSale => "指向的域名已停用，现为域名出售页面",
        Trade::Parked => "指向的域名已停用，现为域名停放页面",
        Trade::Other => {
            let was = astray.was.as_deref().unwrap_or_default();
            return format!("指向的网站标题由“{was}”变为“{}”，疑似已不是原网站", astray.title);
        }
    };
    let was = astray.was.as_ref().map_or_else(String::new, |was| format!("，此前标题为“{was}”"));
    format!("{now}{was}")
}

#[cfg(test)]
mod tests {
    use super::super::broken_link::tests::link;
    use super::super::stale_column::tests::cx;
    use super::*;

    fn astray(trade: Trade, title: &str, was: Option<&str>) -> Link {
        let astray = Astray { trade, title: title.to_owned(), was: was.map(str::to_owned), certified: None };
        Link { external: true, text: "示例县农业信息网".to_owned(), ..link(Answer::Astray(astray)) }
    }

    fn outcome(link: &Link, trades: &[Trade]) -> Result<Option<Defect>, String> {
        let params = Params { trades: trades.to_vec(), stock_after_days: 730 };
        run(link, &params, cx()).map(|found| found.into_iter().next()).map_err(|gap| gap.why)
    }

    #[test]
    fn the_trades_that_count() {
        let all = [Trade::Gambling, Trade::ForSale];
        let gambling = astray(Trade::Gambling, "澳门新葡京棋牌", None);
        let told = outcome(&gambling, &all).expect("seen").expect("a defect");
        assert_eq!(told.description, "“示例县农业信息网”外部链接指向的网站现为赌博内容。");
        assert!(told.excerpt.ends_with("现标题：澳门新葡京棋牌"), "{}", told.excerpt);
        assert_eq!(outcome(&gambling, &[Trade::Other]), Ok(None));
        let known = astray(Trade::ForSale, "域名出售", Some("示例县农业信息网"));
        let told = outcome(&known, &all).expect("seen").expect("a defect");
        assert!(told.description.contains("此前标题为“示例县农业信息网”"), "{}", told.description);
        assert_eq!(told.confidence, Confidence::High);
    }

    #[test]
    fn what_the_link_itself_says_is_no_surprise() {
        let mut lottery = astray(Trade::Gambling, "示例彩票网投注", None);
        lottery.text = "福利彩票".to_owned();
        assert_eq!(outcome(&lottery, &[Trade::Gambling]), Ok(None));
    }

    #[test]
    fn what_did_not_open_says_nothing() {
        let closed = Link { external: true, ..link(Answer::Challenge("403".to_owned())) };
        assert_eq!(outcome(&closed, &[Trade::Gambling]), Err("blocked".to_owned()));
        assert_eq!(outcome(&Link { external: false, ..closed }, &[Trade::Gambling]), Ok(None));
    }
}
