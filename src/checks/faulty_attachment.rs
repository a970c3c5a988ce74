//! `faulty-attachment`: a file to download that comes with success and is not what its name says.

use serde::Deserialize;

use super::{Context, Defect, broken_link, check};
use crate::facts::answer::{Answer, Fault};
use crate::facts::files::{FileFault, is_named_as_file};
use crate::facts::no_file::{Excuse, asks_for_file};
use crate::facts::page::LinkKind;
use crate::facts::site::Link;
use crate::finding::{Confidence, Seen};

check! {
    /// 附件失效
    ///
    /// ## What it does
    /// Flags an attachment that is answered with success and cannot be used: it has no byte, is shorter than its format can
    /// be, is a web page that tells of an error, or is by its first bytes another format than its ending says. Where a program
    /// gives the file out (`download.jsp?id=12`), the link or the address has to offer one, and the answer to say in a few
    /// words that there is none.
    ///
    /// ## Why it matters
    /// A form or an annex that does not open is as broken as a dead link, and is counted alike.
    ///
    /// ## Gaps
    /// Firewall pages, logins, addresses that were not asked; a web page in the file's place that does not say that it is an
    /// error, which may be a viewer; a site whose home page did not answer well in the same look. Documents that office
    /// programs open whatever they are called (docx under doc, markup saved by them) are in order.
    ///
    /// ## Example
    /// 申报表.doc answers 200 with the page 抱歉，您访问的页面不存在: flagged after two looks.
    FaultyAttachment = "faulty-attachment", Link, Params, run
}

/// Parameters of `faulty-attachment`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Age in days from which an article's attachments are old stock (存量).
    stock_after_days: u32,
}

fn run(link: &Link, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let fault = match &link.answer {
        Answer::FaultyFile(fault) => Some(*fault),
        // Of what offers no file these are the words of a page.
        Answer::NoFile(_) if link.kind != LinkKind::Attachment && !asks_for_file(&link.url) => {
            return Ok(Vec::new());
        }
        Answer::NoFile(Excuse::Missing) => None,
        Answer::NoFile(Excuse::Login) => return Err(broken_link::gap(link, "restricted")),
        _ if !is_named_as_file(&link.url) => return Ok(Vec::new()),
        Answer::Challenge(_) => return Err(broken_link::gap(link, "blocked")),
        Answer::Restricted => return Err(broken_link::gap(link, "restricted")),
        Answer::Unknown(why) => return Err(broken_link::gap(link, why)),
        Answer::Unreachable(Fault::Tls) => return Err(broken_link::gap(link, "tls")),
        _ => return Ok(Vec::new()),
    };
    if !link.control_ok {
        return Err(broken_link::gap(link, "no-control"));
    }
    let (what, confidence) = match fault {
        None => ("打不开，返回的是提示文字而不是文件", Confidence::High),
        Some(FileFault::Empty) => ("为空文件（0字节）", Confidence::High),
        Some(FileFault::Stump) => ("不完整，无法打开", Confidence::High),
        Some(FileFault::ErrorPage) => ("打不开，返回的是网页而不是文件", Confidence::High),
        Some(FileFault::Pdf) => ("的实际格式为PDF，与扩展名不符", Confidence::Medium),
        Some(FileFault::Office) => ("的实际格式为办公文档或者压缩包，与扩展名不符", Confidence::Medium),
        Some(FileFault::Picture) => ("的实际格式为图片，与扩展名不符", Confidence::Medium),
    };
    Ok(vec![broken_link::defect(link, what, confidence, params.stock_after_days, cx)])
}

#[cfg(test)]
mod tests {
    use super::super::broken_link::tests::link;
    use super::super::stale_column::tests::cx;
    use super::*;

    #[test]
    fn only_faulty_files_are_told() {
        let params = Params { stock_after_days: 730 };
        let file = |answer| Link {
            url: "http://www.example.gov.cn/sbb.doc".to_owned(),
            kind: LinkKind::Attachment,
            text: "申报表".to_owned(),
            ..link(answer)
        };
        let outcome = |subject: &Link| {
            run(subject, &params, cx())
                .map(|found| found.into_iter().next().map(|defect| defect.description))
                .map_err(|gap| gap.why)
        };
        for (fault, says) in [
            (FileFault::Empty, "“申报表”附件为空文件（0字节）。"),
            (FileFault::ErrorPage, "“申报表”附件打不开，返回的是网页而不是文件。"),
            (FileFault::Pdf, "“申报表”附件的实际格式为PDF，与扩展名不符。"),
        ] {
            assert_eq!(outcome(&file(Answer::FaultyFile(fault))), Ok(Some(says.to_owned())));
        }
        assert_eq!(outcome(&file(Answer::There)), Ok(None));
        assert_eq!(outcome(&file(Answer::NotFound(404))), Ok(None));
        assert_eq!(outcome(&file(Answer::Challenge("waf".to_owned()))), Err("blocked".to_owned()));
        assert_eq!(outcome(&link(Answer::Challenge("waf".to_owned()))), Ok(None), "no file");
        let alone = Link { control_ok: false, ..file(Answer::FaultyFile(FileFault::Empty)) };
        assert_eq!(outcome(&alone), Err("no-control".to_owned()));
    }
}
