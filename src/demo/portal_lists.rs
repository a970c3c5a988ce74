//! How the city's columns list their articles: rows, tables, pictures, data islands, interfaces, frames, and the scripts these need.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;

use super::pages::{Article, Chrome, Grounds, pager, rows};
use super::portal::{Column, Shape};
use super::web::{HTML, Host, Resource};

/// What the column's page takes its rows from, where they do not stand in it.
pub(super) fn publish_source(chrome: &Chrome<'_>, host: &mut Host, column: &Column) {
    let newest = column.articles.first().map_or(chrome.grounds.as_of, |a| a.day);
    match column.shape {
        Shape::Endpoint => {
            let rows: Vec<serde_json::Value> = column
                .articles
                .iter()
                .map(|a| serde_json::json!({"title": a.title, "url": a.path, "publishTime": format!("{} 09:00:00", a.day)}))
                .collect();
            let reply = serde_json::json!({"code": 200, "data": {"total": rows.len(), "rows": rows}});
            host.put(endpoint(column), Resource::ok("application/json", reply.to_string(), newest));
        }
        Shape::Framed => {
            let list = format!(
                "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{}</title></head><body>{}</body></html>",
                column.name,
                rows(&column.articles, column.dir, true)
            );
            host.put(format!("{}list.html", column.dir), Resource::ok(HTML, list, newest));
        }
        _ => {}
    }
}

/// The address that an [`Shape::Endpoint`] column's page asks.
fn endpoint(column: &Column) -> String {
    format!("/data/{}.json?page=1&size=20", column.dir.trim_matches('/'))
}

/// The content of the column's page and of its further pages.
pub(super) fn contents(column: &Column) -> Vec<String> {
    let all = &column.articles;
    match column.shape {
        Shape::Rows(size) => {
            let count = all.chunks(size).count();
            let page = |(n, part)| format!("{}\n{}", rows(part, column.dir, true), pager(count, n));
            all.chunks(size).enumerate().map(page).collect()
        }
        Shape::UrlDates => vec![rows(all, column.dir, false) + &pager(1, 0)],
        Shape::Pinned => vec![pinned(all) + &pager(1, 0)],
        Shape::Pictures => vec![pictures(all)],
        Shape::Documents => vec![documents(all)],
        Shape::Island => vec![island(all)],
        Shape::SecondPage => vec![
            format!(
                "<ul class=\"list\">\n</ul><div class=\"page\">共{}条　第1页/共2页　<a href=\"index_1.html\">下一页</a></div>",
                all.len()
            ),
            format!(
                "{}<div class=\"page\">共{}条　第2页/共2页　<a href=\"index.html\">上一页</a></div>",
                rows(all, column.dir, true),
                all.len()
            ),
        ],
        Shape::Nothing => vec![format!("<ul class=\"list\">\n</ul>\n{}", pager(1, 0))],
        Shape::Placeholder => vec!["<div class=\"list\"><p class=\"none\">暂无数据</p></div>".to_owned()],
        Shape::Endpoint => vec![format!(
            "<ul class=\"list\" id=\"rows\"></ul>\n<script type=\"text/javascript\">\n\
             fetch('{}').then(function(r){{return r.json()}}).then(function(d){{\n  \
             document.getElementById('rows').innerHTML=d.data.rows.map(function(r){{return \
             '<li><a href=\"'+r.url+'\">'+r.title+'</a><span>'+r.publishTime.slice(0,10)+'</span></li>'}}).join('');\n}});\n</script>",
            endpoint(column)
        )],
        Shape::Framed => {
            vec!["<iframe src=\"list.html\" width=\"100%\" height=\"420\" frameborder=\"0\"></iframe>".to_owned()]
        }
        Shape::Scripted => vec![
            "<ul class=\"list\" id=\"docList\"></ul><div class=\"page\" id=\"docPage\"></div>\n\
             <script type=\"text/javascript\" src=\"/js/doclist.js\"></script>\n\
             <script type=\"text/javascript\">loadDocuments('/api/documents', {channel: 'xzgfxwj', page: 1, size: 20}, '#docList', '#docPage');</script>"
                .to_owned(),
        ],
    }
}

fn pinned(articles: &[Article]) -> String {
    let mut list = String::from("<ul class=\"list\">\n");
    for (index, a) in articles.iter().enumerate() {
        let top = if index == 0 { "<b class=\"top\">[置顶]</b> " } else { "" };
        let _ = writeln!(
            list,
            "<li>{top}<a href=\"{}\" title=\"{t}\">{t}</a><span>{}</span></li>",
            a.path,
            a.day,
            t = a.title
        );
        if index % 5 == 4 {
            list.push_str("<li class=\"line\"></li>\n");
        }
    }
    list + "</ul>"
}

fn pictures(articles: &[Article]) -> String {
    let mut list = String::from("<ul class=\"pics\">\n");
    for (seed, a) in (1..).zip(articles) {
        let _ = writeln!(
            list,
            "<li><a href=\"{}\"><img src=\"/images/tp{seed}.svg\" alt=\"{t}\"><p>{t}</p></a><span>{}</span></li>",
            a.path,
            a.day,
            t = a.title
        );
    }
    list + "</ul>"
}

fn documents(articles: &[Article]) -> String {
    let mut table = String::from(
        "<table class=\"docs\">\n<tr><th>序号</th><th>文件名称</th><th>文号</th><th>发布日期</th></tr>\n",
    );
    for (number, a) in (1..).zip(articles) {
        let _ = writeln!(
            table,
            "<tr><td>{number}</td><td class=\"t\"><a href=\"{}\" target=\"_blank\">{}</a></td><td>示府发〔{}〕{}号</td><td>{}</td></tr>",
            a.path,
            a.title,
            a.day.format("%Y"),
            a.id % 40 + 1,
            a.day
        );
    }
    table + "</table>"
}

/// Rows inside a `datastore` that the page's script unpacks, as hanweb publishes them.
pub fn island(articles: &[Article]) -> String {
    let mut records = String::new();
    for a in articles {
        let _ = writeln!(
            records,
            "<record><![CDATA[<li><a href=\"{}\" title=\"{t}\" target=\"_blank\">{t}</a><span>{}</span></li>]]></record>",
            a.path,
            a.day,
            t = a.title
        );
    }
    let id = articles.first().map_or(0, |a| a.id);
    format!(
        "<div class=\"list\" id=\"{id}\"><script type=\"text/xml\"><datastore>\n<nextgroup></nextgroup>\n<recordset>\n{records}</recordset>\n</datastore></script></div>\n\
         <script type=\"text/javascript\" src=\"/js/jpage.js\"></script>\n<div class=\"page\">共 {} 条记录　1/1 页</div>",
        articles.len()
    )
}

/// The scripts that unpack data islands and fill lists.
pub fn scripts(grounds: Grounds) -> [(&'static str, Resource); 2] {
    let day = grounds.day(400);
    let kind = "application/javascript";
    [
        ("/js/jpage.js", Resource::ok(kind, ISLAND_SCRIPT, day)),
        ("/js/doclist.js", Resource::ok(kind, FILL_SCRIPT, day)),
    ]
}

const ISLAND_SCRIPT: &str = r"document.querySelectorAll('script[type=\'text/xml\']').forEach(function(island){
  var rows=island.textContent.match(/<!\[CDATA\[[\s\S]*?\]\]>/g)||[];
  var list=document.createElement('ul');list.className='list';
  list.innerHTML=rows.map(function(r){return r.slice(9,-3)}).join('');
  island.parentNode.appendChild(list);
});
";

const FILL_SCRIPT: &str = r"function loadDocuments(api,query,list,page){
  var q=Object.keys(query).map(function(k){return k+'='+encodeURIComponent(query[k])}).join('&');
  fetch(api+'?'+q).then(function(r){return r.json()}).then(function(d){
    document.querySelector(list).innerHTML=d.rows.map(function(r){
      return '<li><a href=\''+r.url+'\'>'+r.title+'</a><span>'+r.date+'</span></li>'}).join('');
    document.querySelector(page).textContent='共 '+d.rows.length+' 条';
  });
}
";
