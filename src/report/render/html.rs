//! [`Document`] to one self-contained HTML page: inline CSS, no script, nothing loaded from anywhere.

use std::fmt::Write as _;

use crate::report::wording::{one_line, printable};
use crate::report::{Block, Document, Figure, Inline, Table, Tone};

/// The whole page. Every text is escaped, control characters and direction marks are dropped, and only
/// http and https addresses become links. The same document gives the same bytes.
pub fn html(document: &Document) -> String {
    let mut out = String::with_capacity(16 << 10);
    let title = escaped(&one_line(&document.title));
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    if !document.subtitle.is_empty() {
        let _ = writeln!(out, "<p class=\"sub\">{}</p>", escaped(&one_line(&document.subtitle)));
    }
    for part in &document.blocks {
        block(&mut out, part);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// `text` for an HTML text node or a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The address, where it is one that a reader may be led to.
pub(crate) fn safe_link(address: &str) -> Option<String> {
    let parsed = url::Url::parse(address).ok()?;
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    (matches!(parsed.scheme(), "http" | "https") && plain).then(|| printable(parsed.as_str()))
}

const STYLE: &str = "\
:root{color-scheme:light}\
body{margin:0;background:#f4f5f7;color:#1d2129;font:15px/1.7 \"Noto Sans CJK SC\",\"Source Han Sans SC\",\"Microsoft YaHei\",\"WenQuanYi Micro Hei\",sans-serif}\
main{max-width:1120px;margin:24px auto;padding:28px 36px 40px;background:#fff;border:1px solid #e3e6ea;border-radius:6px}\
h1{font-size:24px;line-height:1.4;margin:0 0 4px;text-align:center}\
.sub{margin:0 0 20px;color:#5b6470;text-align:center}\
h2{font-size:18px;margin:32px 0 10px;padding-left:10px;border-left:4px solid #2b5ea7}\
h3{font-size:16px;margin:22px 0 8px}h4{font-size:15px;margin:16px 0 6px}\
p{margin:8px 0;white-space:pre-line}\
ul{margin:8px 0;padding-left:1.6em}\
.scroll{overflow-x:auto;margin:10px 0 18px}\
table{border-collapse:collapse;width:100%;font-size:14px}\
caption{caption-side:top;text-align:left;font-weight:600;padding:4px 0}\
th,td{border:1px solid #d5d9df;padding:6px 9px;text-align:left;vertical-align:top;overflow-wrap:anywhere;min-width:3em;white-space:pre-line}\
thead th{background:#eef2f8;white-space:nowrap}\
tbody tr:nth-child(even){background:#fafbfc}\
.pairs th{width:11em;background:#f7f8fa;font-weight:500;white-space:nowrap}\
a{color:#1f55a5;text-decoration:none}a:hover{text-decoration:underline}\
.mark{display:inline-block;padding:0 7px;border-radius:3px;font-size:13px;white-space:nowrap}\
.good{background:#e4f4e8;color:#1b6b34}.bad{background:#fde8e7;color:#a8201a}\
.warn{background:#fff3d6;color:#8a5a00}.quiet{background:#eceef1;color:#4d5560}\
figure{margin:12px 0 18px}figcaption{font-weight:600;margin-bottom:4px}\
svg text{font-size:13px;fill:#1d2129}\
.fgood{fill:#4c9f68}.fbad{fill:#cc4b44}.fwarn{fill:#d99a2b}.fquiet{fill:#98a1ad}\
@media print{body{background:#fff}main{border:0;margin:0;max-width:none;padding:0}thead{display:table-header-group}tr{break-inside:avoid}}";

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(level, text) => {
            let level = (*level).clamp(1, 3) + 1;
            let _ = writeln!(out, "<h{level}>{}</h{level}>", escaped(&one_line(text)));
        }
        Block::Paragraph(parts) => {
            out.push_str("<p>");
            inline(out, parts);
            out.push_str("</p>\n");
        }
        Block::Items(items) => {
            out.push_str("<ul>\n");
            for item in items {
                out.push_str("<li>");
                inline(out, item);
                out.push_str("</li>\n");
            }
            out.push_str("</ul>\n");
        }
        Block::Pairs(pairs) => {
            out.push_str("<div class=\"scroll\"><table class=\"pairs\"><tbody>\n");
            for (name, value) in pairs {
                let _ = write!(out, "<tr><th scope=\"row\">{}</th><td>", escaped(&one_line(name)));
                inline(out, value);
                out.push_str("</td></tr>\n");
            }
            out.push_str("</tbody></table></div>\n");
        }
        Block::Table(value) => table(out, value),
        Block::Figure(value) => figure(out, value),
    }
}

fn inline(out: &mut String, parts: &[Inline]) {
    for part in parts {
        match part {
            Inline::Text(text) => out.push_str(&escaped(&printable(text))),
            Inline::Link { text, url } => {
                let text = escaped(&printable(text));
                match safe_link(url) {
                    Some(url) => {
                        let _ = write!(out, "<a href=\"{}\" rel=\"noreferrer\">{text}</a>", escaped(&url));
                    }
                    None => out.push_str(&text),
                }
            }
            Inline::Mark(tone, text) => {
                let _ = write!(
                    out,
                    "<span class=\"mark {}\">{}</span>",
                    tone_class(*tone),
                    escaped(&one_line(text))
                );
            }
        }
    }
}

fn table(out: &mut String, table: &Table) {
    out.push_str("<div class=\"scroll\"><table>\n");
    if !table.caption.is_empty() {
        let _ = writeln!(out, "<caption>{}</caption>", escaped(&one_line(&table.caption)));
    }
    out.push_str("<thead><tr>");
    for heading in &table.head {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(&one_line(heading)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for place in 0..table.head.len().max(row.len()) {
            out.push_str("<td>");
            inline(out, row.get(place).map_or(&[], Vec::as_slice));
            out.push_str("</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn figure(out: &mut String, figure: &Figure) {
    const LABEL: u64 = 220;
    const FULL: u64 = 560;
    const STEP: usize = 28;
    let most = figure.bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let height = figure.bars.len() * STEP + 4;
    let _ = write!(
        out,
        "<figure><figcaption>{caption}</figcaption>\n<svg role=\"img\" aria-label=\"{caption}\" \
         viewBox=\"0 0 860 {height}\" width=\"860\" height=\"{height}\" style=\"max-width:100%\">\n",
        caption = escaped(&one_line(&figure.caption)),
    );
    for (at, bar) in figure.bars.iter().enumerate() {
        let top = at * STEP + 4;
        let width =
            u64::try_from(u128::from(bar.value) * u128::from(FULL) / u128::from(most)).unwrap_or(FULL);
        let width = if bar.value > 0 { width.max(2) } else { 0 };
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><rect class=\"f{}\" x=\"{LABEL}\" y=\"{top}\" \
             width=\"{width}\" height=\"20\"/><text x=\"{}\" y=\"{}\">{}</text>",
            LABEL - 8,
            top + 15,
            escaped(&one_line(&bar.label)),
            tone_class(bar.tone),
            LABEL + width + 6,
            top + 15,
            bar.value,
        );
    }
    out.push_str("</svg></figure>\n");
}

fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Warn => "warn",
        Tone::Quiet => "quiet",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Bar;

    fn sample() -> Document {
        let mut doc = Document::new("检查报告 <script>alert(1)</script>", "2026年11月16日");
        doc.heading(1, "一、概况").paragraph("a & b\u{202e}\u{1b}[1m");
        let mut table = Table::new("问题", ["位置", "链接", "状态"]);
        table.row([
            "首页\"><svg onload=x>".into(),
            Inline::Link { text: "坏".into(), url: "javascript:alert(1)".into() },
            Inline::Mark(Tone::Bad, "断链".into()),
        ]);
        table.row([Inline::Link { text: "好".into(), url: "https://www.example.gov.cn/?a=1&b='\"".into() }]);
        doc.table(table);
        doc.figure(Figure {
            caption: "数量".into(),
            bars: vec![
                Bar { label: "断链".into(), value: 12, tone: Tone::Bad },
                Bar { label: "空白栏目".into(), value: 0, tone: Tone::Good },
            ],
        });
        doc
    }

    #[test]
    fn hostile_text_is_inert() {
        let page = html(&sample());
        assert!(!page.contains("<script") && !page.contains("<svg onload") && !page.contains("javascript:"));
        assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}'));
        assert!(page.contains("a &amp; b"));
        assert!(page.contains("href=\"https://www.example.gov.cn/?a=1&amp;b=%27%22\""));
        assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
    }

    #[test]
    fn short_rows_are_filled_and_bars_share_a_scale() {
        let page = html(&sample());
        assert_eq!(page.matches("<td>").count(), 6);
        assert!(page.contains("width=\"560\" height=\"20\"") && page.contains("width=\"0\" height=\"20\""));
    }

    #[test]
    fn only_http_leads_anywhere() {
        assert!(safe_link("http://a.example/x").is_some());
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//a/b",
            "https://u:p@a.example/",
        ] {
            assert_eq!(safe_link(bad), None, "{bad}");
        }
    }
}
