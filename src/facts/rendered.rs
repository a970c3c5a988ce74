//! What a browser showed of a page, laid over what its source said: a list that scripts fill becomes items, and a page without
//! any is believed to be empty only where nothing failed on the way.

use serde::{Deserialize, Serialize};

use super::page::{Empty, List, PageFacts, PageKind, PageState};
use crate::calendar::Instant8;
use crate::finding::Gap;

/// One page as a browser showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// When.
    pub at: Instant8,
    /// The page as it stood in the end, its scripts taken out, read like any other.
    pub facts: PageFacts,
    /// Requests that the page made.
    pub requests: u32,
    /// Those that failed, were refused, or could not be seen: each may have been the list.
    pub failed: u32,
    /// Whether the page came to rest within its time.
    pub settled: bool,
    /// SHA-256 in hex of its picture among the stored bodies; empty where none was taken.
    pub picture: String,
}

impl Rendered {
    /// Whether everything that could have filled the page was seen to its end.
    pub fn saw_all(&self) -> bool {
        self.settled && self.failed == 0
    }
}

/// Whether a browser could say more of a column's page than its source does.
pub fn may_tell_more(served: &PageFacts) -> bool {
    matches!(served.state, PageState::Script | PageState::Empty | PageState::Placeholder)
        || served.gaps.iter().any(|gap| gap.why == NEEDS)
}

/// The page as a reader with a browser sees it. Its links stay those of the source: they were followed, these were not.
pub fn over(served: PageFacts, rendered: &Rendered) -> PageFacts {
    if !may_tell_more(&served) {
        return served;
    }
    let shown = &rendered.facts;
    let items: u32 = shown.list.iter().map(|list: &List| list.count).sum();
    if shown.state == PageState::Normal && items > 0 {
        return settled(served, shown, format!("{items} items in a browser"));
    }
    let bare = matches!(shown.state, PageState::Empty | PageState::Placeholder);
    let serves_script = served.state == PageState::Script;
    if bare && shown.empty == Empty::Yes && rendered.saw_all() {
        return if serves_script {
            let reason = format!("{} in a browser", shown.reason);
            settled(served, shown, reason)
        } else {
            served
        };
    }
    if serves_script || states_that_it_is_empty(&served) {
        return served;
    }
    // Nothing stands in the source, and the browser did not see the page to its end.
    let mut doubtful = served;
    doubtful.state = PageState::Script;
    doubtful.empty = Empty::Uncertain;
    "needs-render: the browser did not see all".clone_into(&mut doubtful.reason);
    doubtful.gaps.push(Gap::new(doubtful.url.clone(), NEEDS));
    doubtful
}

const NEEDS: &str = "needs-render";

fn settled(served: PageFacts, shown: &PageFacts, reason: String) -> PageFacts {
    let mut facts = PageFacts {
        kind: PageKind::List,
        state: shown.state,
        empty: shown.empty,
        reason,
        list: shown.list.clone(),
        blocks: shown.blocks.clone(),
        declared_total: shown.declared_total,
        ..served
    };
    facts.gaps.retain(|gap| gap.why != NEEDS);
    facts
}

/// `暂无数据`, `共 0 条`: the page says it itself, whatever a browser could load.
fn states_that_it_is_empty(served: &PageFacts) -> bool {
    served.declared_total == Some(0)
        || served.reason.starts_with("says ")
        || served.reason.contains("states-0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::facts::html::read_page;
    use crate::facts::page::PageContext;

    const FRAME: [&str; 2] = [
        "<html><head><meta charset=utf-8><title>通知公告</title></head><body><div class=nav><a href=/>首页</a></div><h2>通知公告</h2>",
        "</body></html>",
    ];

    fn page(body: &str) -> PageFacts {
        let url = url::Url::parse("http://www.shili.example/tzgg/").expect("a URL");
        let cx = PageContext {
            url: &url,
            content_type: Some("text/html; charset=utf-8"),
            status: Some(200),
            as_of: from_millis(1_795_276_800_000),
            want_structure: true,
        };
        read_page(format!("{}{body}{}", FRAME[0], FRAME[1]).as_bytes(), &cx, || false)
    }

    const BY_SCRIPT: &str =
        "<ul id=list></ul><script>$.post('/api',{},function(r){$('#list').html(r)})</script>";
    const BOX: &str = "<ul class=list id=list></ul>";
    const SAYS: &str = "<ul class=list></ul><p>暂无信息</p>";
    const ROWS: &str = "<ul class=list><li><a href=/1.html>关于召开安全生产工作会议的通知</a><span>2026-11-02</span></li>\
                        <li><a href=/2.html>关于做好冬季供暖保障工作的通知</a><span>2026-11-01</span></li></ul>";

    fn seen(served: &str, shown: &str, failed: u32, settled: bool) -> (PageState, u32, bool) {
        let rendered = Rendered {
            at: from_millis(0),
            facts: page(shown),
            requests: 3,
            failed,
            settled,
            picture: String::new(),
        };
        let facts = over(page(served), &rendered);
        let gap = facts.gaps.iter().any(|gap| gap.why == NEEDS) || facts.state == PageState::Script;
        (facts.state, facts.list.map_or(0, |list| list.count), gap)
    }

    #[test]
    fn items_in_a_browser_are_items_whatever_else_failed() {
        for (failed, settled) in [(0, true), (2, true), (0, false)] {
            for served in [BY_SCRIPT, BOX, SAYS] {
                assert_eq!(seen(served, ROWS, failed, settled), (PageState::Normal, 2, false), "{served}");
            }
        }
    }

    #[test]
    fn empty_takes_a_page_seen_to_its_end_or_its_own_words() {
        assert_eq!(page(BY_SCRIPT).state, PageState::Script);
        assert_eq!(page(BOX).state, PageState::Empty);
        assert_eq!(page(SAYS).state, PageState::Placeholder);
        assert_eq!(seen(BY_SCRIPT, BOX, 0, true), (PageState::Empty, 0, false));
        assert_eq!(seen(BY_SCRIPT, BOX, 1, true), (PageState::Script, 0, true), "a request failed");
        assert_eq!(seen(BY_SCRIPT, BOX, 0, false), (PageState::Script, 0, true), "never at rest");
        assert_eq!(seen(BOX, BOX, 0, true), (PageState::Empty, 0, false));
        assert_eq!(seen(BOX, BOX, 1, true), (PageState::Script, 0, true), "no statement, and not all seen");
        assert_eq!(seen(SAYS, BOX, 1, true), (PageState::Placeholder, 0, false), "its own statement stands");
    }

    #[test]
    fn what_needs_no_browser_is_left_alone() {
        assert_eq!(seen(ROWS, BOX, 0, true), (PageState::Normal, 2, false));
    }
}
