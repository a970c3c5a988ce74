//! [`Paper`] to one self-contained HTML page, and to plain text. The same paper gives the same bytes.

use std::fmt::Write as _;

use super::html::escaped;
use crate::calendar::long_date;
use crate::report::document::{Grid, PENDING, Paper, Part, enclosed, pieces};
use crate::report::wording::{one_line, printable};

/// The page: no script, nothing loaded from anywhere, charts inside.
pub fn page(paper: &Paper) -> String {
    let mut out = String::with_capacity(32 << 10);
    let title = escaped(&one_line(&paper.heading()));
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
    if let Some(why) = &paper.draft {
        let _ = writeln!(out, "<p class=\"draft\">{}</p>", marked(&format!("{PENDING}{why}")));
    }
    let lines: Vec<String> = paper.title.iter().map(|line| marked(line)).collect();
    let _ = writeln!(out, "<h1>{}</h1>", lines.join("<br>"));
    if let Some(number) = &paper.number {
        let _ = writeln!(out, "<p class=\"number\">{}</p>", marked(number));
    }
    if let Some(addressee) = &paper.addressee {
        let _ = writeln!(out, "<p class=\"to\">{}</p>", marked(addressee));
    }
    for part in &paper.body {
        match part {
            Part::Level1(text) => {
                let _ = writeln!(out, "<h2>{}</h2>", marked(text));
            }
            Part::Level2(head, text) => {
                let _ =
                    writeln!(out, "<p><span class=\"level2\">{}</span>{}</p>", marked(head), marked(text));
            }
            Part::Text(text) => {
                for line in text.split('\n') {
                    let _ = writeln!(out, "<p>{}</p>", marked(line));
                }
            }
            Part::Enclosures(names) => {
                let lines: Vec<String> = enclosed(names).iter().map(|line| marked(line)).collect();
                let _ = writeln!(out, "<p class=\"annexes\">{}</p>", lines.join("<br>"));
            }
            Part::Grid(grid) => table(&mut out, grid),
            Part::Form(rows) => {
                out.push_str("<div class=\"scroll\"><table class=\"form\"><tbody>\n");
                for row in rows {
                    let lines: Vec<String> = row.lines.iter().map(|line| marked(line)).collect();
                    let _ = writeln!(
                        out,
                        "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                        marked(&row.label),
                        lines.join("<br>")
                    );
                }
                out.push_str("</tbody></table></div>\n");
            }
            Part::Chart(chart) => {
                let _ = writeln!(out, "<figure>{}</figure>", chart.svg());
            }
        }
    }
    let annexes = paper.annex_lines();
    if !annexes.is_empty() {
        let lines: Vec<String> = annexes.iter().map(|line| marked(line)).collect();
        let _ = writeln!(out, "<p class=\"annexes\">{}</p>", lines.join("<br>"));
    }
    if let Some(name) = &paper.signature {
        let _ = writeln!(out, "<p class=\"sign\">{}</p>", marked(name));
    }
    if let Some(date) = paper.date.filter(|_| paper.signature.is_some()) {
        let _ = writeln!(out, "<p class=\"sign\">{}</p>", long_date(date));
    }
    for note in &paper.notes {
        let _ = writeln!(out, "<p>（{}）</p>", marked(note));
    }
    for (n, annex) in paper.annexes.iter().enumerate() {
        let _ = writeln!(
            out,
            "<section><p class=\"label\">{}</p>\n<h3>{}</h3>",
            paper.annex_label(n),
            marked(&annex.title)
        );
        if !annex.note.is_empty() {
            let _ = writeln!(out, "<p class=\"note\">{}</p>", marked(&annex.note));
        }
        table(&mut out, &annex.grid);
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// The paper as plain text, for a mail or the work group.
pub fn plain(paper: &Paper) -> String {
    let mut out = String::new();
    let mut say = |line: &str| {
        out.push_str(&printable(line));
        out.push('\n');
    };
    if let Some(why) = &paper.draft {
        say(&format!("{PENDING}{why}"));
    }
    for line in paper.title.iter().chain(&paper.number) {
        say(line);
    }
    say("");
    if let Some(line) = &paper.addressee {
        say(line);
    }
    for part in &paper.body {
        match part {
            Part::Level1(text) => say(&format!("\n    {text}")),
            Part::Level2(head, text) => say(&format!("    {head}{text}")),
            Part::Text(text) => {
                for line in text.split('\n') {
                    say(&format!("    {line}"));
                }
            }
            Part::Enclosures(names) => {
                for line in enclosed(names) {
                    say(&format!("    {line}"));
                }
            }
            Part::Grid(grid) => {
                for row in rows(grid) {
                    say(&row);
                }
            }
            Part::Form(form) => {
                for row in form {
                    say(&format!("{}：{}", row.label, row.lines.join("；")));
                }
            }
            Part::Chart(_) => {}
        }
    }
    let annexes = paper.annex_lines();
    if !annexes.is_empty() {
        say("");
    }
    for line in annexes {
        say(&format!("    {line}"));
    }
    say("");
    let date = paper.date.filter(|_| paper.signature.is_some());
    for line in paper.signature.iter().cloned().chain(date.map(long_date)) {
        say(&format!("{line:>40}"));
    }
    for note in &paper.notes {
        say(&format!("    （{note}）"));
    }
    for (n, annex) in paper.annexes.iter().enumerate() {
        say(&format!("\n{}  {}", paper.annex_label(n), annex.title));
        if !annex.note.is_empty() {
            say(&annex.note);
        }
        for row in rows(&annex.grid) {
            say(&row);
        }
    }
    out
}

const STYLE: &str = "\
:root{color-scheme:light}\
body{margin:0;background:#f4f5f7;color:#111;font:17px/1.85 FangSong,STFangsong,\"Noto Serif CJK SC\",\"Source Han Serif SC\",SimSun,serif}\
main{max-width:840px;margin:24px auto;padding:48px 56px;background:#fff;border:1px solid #e3e6ea;box-sizing:border-box}\
h1{font-size:27px;line-height:1.45;font-weight:600;text-align:center;margin:12px 0 10px}\
h2{font-family:SimHei,\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif;font-size:17px;font-weight:500;margin:10px 0 4px;text-indent:2em}\
h3{font-size:21px;font-weight:600;text-align:center;margin:6px 0 12px}\
p{margin:4px 0;text-indent:2em}\
.level2{font-family:KaiTi,STKaiti,\"Noto Serif CJK SC\",serif;font-weight:600}\
.to,.number,.label,.note,.draft,.annexes,.sign{text-indent:0}.number{text-align:center}\
.annexes{margin:20px 0 0 2em;white-space:pre-wrap}.sign{text-align:right;padding-right:4em}.sign:first-of-type{margin-top:32px}\
.draft{border:1px solid #c00000;padding:6px 12px;color:#7a0000}.label{font-family:SimHei,\"Noto Sans CJK SC\",sans-serif}\
.note{font-size:14px}mark{background:#fff2a8;color:#a00000;padding:0 2px}\
section{margin-top:48px;border-top:1px dashed #b8bfc8;padding-top:20px}\
.scroll{overflow-x:auto;margin:10px 0 18px}figure{margin:14px 0;overflow-x:auto}svg{max-width:100%;height:auto}\
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.5}\
th,td{border:1px solid #444;padding:5px 7px;vertical-align:middle;overflow-wrap:anywhere;min-width:2.6em}\
thead th{font-family:SimHei,\"Noto Sans CJK SC\",sans-serif;font-weight:500;text-align:center}\
td.short{text-align:center}.form th{width:8em;font-weight:500}.form td{padding:9px 12px}\
@media(max-width:600px){main{padding:20px 16px;margin:0;border:0}body{font-size:16px}h1{font-size:22px}.sign{padding-right:1em}}\
@media print{body{background:#fff}main{border:0;margin:0;max-width:none;padding:0}section{break-before:page;border:0}thead{display:table-header-group}tr{break-inside:avoid}}";

fn marked(text: &str) -> String {
    pieces(&printable(text))
        .into_iter()
        .map(|(mark, piece)| if mark { format!("<mark>{}</mark>", escaped(piece)) } else { escaped(piece) })
        .collect()
}

fn table(out: &mut String, grid: &Grid) {
    out.push_str("<div class=\"scroll\"><table>\n<thead>");
    if grid.has_groups() {
        out.push_str("<tr>");
        let mut at = 0;
        for (group, count) in grid.groups() {
            if group.is_empty() {
                let heading = grid.columns.get(at).map_or("", |column| &column.heading);
                let _ = write!(out, "<th rowspan=\"2\" scope=\"col\">{}</th>", marked(heading));
            } else {
                let _ = write!(out, "<th colspan=\"{count}\" scope=\"colgroup\">{}</th>", marked(group));
            }
            at += count;
        }
        out.push_str("</tr>\n");
    }
    out.push_str("<tr>");
    for column in grid.columns.iter().filter(|column| !grid.has_groups() || !column.group.is_empty()) {
        let _ = write!(out, "<th scope=\"col\">{}</th>", marked(&column.heading));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &grid.rows {
        out.push_str("<tr>");
        for (n, column) in grid.columns.iter().enumerate() {
            let class = if column.short { " class=\"short\"" } else { "" };
            let lines: Vec<String> = row.get(n).map_or("", String::as_str).split('\n').map(marked).collect();
            let _ = write!(out, "<td{class}>{}</td>", lines.join("<br>"));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn rows(grid: &Grid) -> Vec<String> {
    let head =
        grid.columns.iter().map(|c| format!("{}{}", c.group, c.heading)).collect::<Vec<_>>().join(" | ");
    let line = |row: &Vec<String>| row.iter().map(|cell| one_line(cell)).collect::<Vec<_>>().join(" | ");
    std::iter::once(head).chain(grid.rows.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::Annex;

    #[test]
    fn hostile_text_is_inert_and_marks_are_set_off() {
        let mut paper = Paper::new("x", &["标题<script>alert(1)</script>"]);
        paper.draft = Some("未判定1项".into());
        paper.level1("总体");
        paper.level2("网站。", "合格率【待核】\u{202e}");
        let mut grid = Grid::new(&[("单位", 20.0)]).and("网站", &[("检查数", 6.0)]);
        grid.row(["<img onerror=x>", "1"]);
        paper.annexes.push(Annex { title: "名单".into(), grid, ..Annex::default() });
        let page = page(&paper);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'));
        assert!(page.contains("合格率<mark>【待核】</mark>"));
        assert_eq!(page.matches("<th colspan=\"1\"").count(), 1);
        assert!(plain(&paper).contains("附件：名单") && plain(&paper).contains("单位 | 网站检查数"));
    }
}
