//! Statements that what was asked for is not there, by their parts: a thing (页面, 信息 …), what is said of it (不存在, 已下线 …), and
//! something that points to what the reader asked for (您要查看的, 该 …) or nothing beside them.

use std::sync::LazyLock;

use regex::Regex;

/// What a reader asks a site for.
const THING: &str = "(?:网?页面?|信息|内容|文章|资源|文件|事项|栏目|稿件|新闻|链接|资讯)";
/// What is said of a thing that is not there; neither 失效 nor 取消, which are said of rules and of matters that are settled.
const GONE: &str = "(?:不存在|未?找不?到|没有?找到|无法找到|走丢|未(?:通过|经)审[核批]|(?:可能|或者?)?(?:已经?|被)[^，。；！？,;!?]{0,8}(?:删除|下线|下架|移除|移走))";
/// What points to the thing that the reader asked for.
const POINTING: &str = "(?:[您你]|所?(?:访问|请求|浏览|查看|查找|要找|打开|点击)的|[该此]|这[个篇条]|当前)";

/// The statements of a text without white space: of a thing that something points to, wherever they stand; of a thing that
/// nothing points to, only as the whole first clause.
pub(super) fn statements(squeezed: &str) -> impl Iterator<Item = &str> {
    static POINTED: LazyLock<Regex> = LazyLock::new(|| {
        let between = "[^，。；！？,;!?“”《》]";
        Regex::new(&format!(
            "{POINTING}{between}{{0,10}}?{THING}{between}{{0,6}}?{GONE}|(?:找不到|没有?找到|无法找到){between}{{0,4}}?{POINTING}{between}{{0,8}}?{THING}"
        ))
        .expect("a valid pattern")
    });
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!("^(?:提示|系统提示|抱歉|对不起|很抱歉)?[：:，,！!]?{THING}{GONE}[^，。；！？,;!?]{{0,4}}(?:[，。；！？,;!?]|$)"))
            .expect("a valid pattern")
    });
    POINTED.find_iter(squeezed).chain(BARE.find(squeezed)).map(|found| found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_that_are_gone() {
        for text in [
            "您访问的信息已被删除或不存在",
            "您所访问的信息已被删除或不存在",
            "该事项不存在或已下架",
            "抱歉，您要查看的信息已下线，5秒后自动返回首页",
            "信息不存在",
            "请求的页面找不到",
            "您要查看的信息不存在或者还未通过审批",
            "您浏览的网页可能已被删除、重命名或暂时不可用",
            "此内容已被发布者删除",
            "该文章不存在!",
            "没有找到您要查看的文章",
        ] {
            assert!(statements(text).next().is_some(), "{text}");
        }
        for text in [
            "该文件已失效",
            "该事项已取消",
            "该项目信息已公开",
            "此件主动公开",
            "申请公开的信息不属于本机关",
            "您要查看的信息请到服务大厅咨询",
            "系统内没有该单位的登记信息",
            "经检索，政府信息不存在的，应当告知申请人",
            "本栏目信息已更新",
        ] {
            assert_eq!(statements(text).next(), None, "{text}");
        }
    }
}
