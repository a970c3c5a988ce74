//! 抽查名单: the paper that is signed before anything is checked, and its workbook, with all that is needed to repeat the draw.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_xlsxwriter::XlsxError;

use super::document::{Annex, BLANK, Grid, Paper, Part, Row};
use super::letterhead::Letterhead;
use super::render::sheets::{Sheet, sheets};
use crate::calendar::long_date;
use crate::inspection::MemberKind;
use crate::inspection::draw::{Draw, Why};

/// The paper.
pub fn paper(draw: &Draw, head: &Letterhead<'_>) -> Paper {
    let label = draw.period.label();
    let mut paper = Paper::new(
        format!("{label}抽查名单"),
        &[&format!("{label}{}政府网站", head.whole()), "与政务新媒体抽查名单"],
    );
    let drawn = |why| draw.picks.iter().filter(|pick| pick.why == why).count();
    let again = draw.picks.iter().filter(|pick| pick.again).count();
    let accounts = draw.registered(MemberKind::Account);
    let mut text = format!(
        "检查时间：{}至{}。政府网站在册{}个，全部检查。",
        long_date(draw.window.0),
        long_date(draw.window.1),
        draw.registered(MemberKind::Site),
    );
    if accounts > 0 {
        let _ = write!(
            text,
            "政务新媒体在册{accounts}个，按不低于{}%的比例分县（区）、分平台随机抽取{}个。",
            draw.share,
            drawn(Why::Drawn)
        );
    }
    if again > 0 {
        let _ = write!(
            text,
            "上期检查不合格的{again}个列入复查，其中不在随机抽取之列的账号{}个。",
            drawn(Why::Again)
        );
    }
    paper.text(text);
    let mut rows = vec![
        Row::new("抽取种子", draw.seed.clone()),
        Row::new("抽取时间", draw.at.format("%Y年%-m月%-d日 %H:%M:%S").to_string()),
        Row::new("登记表校验值", format!("SHA-256\n{}", draw.register_hash())),
        Row::new("名单校验值", format!("SHA-256\n{}", draw.list_hash())),
        Row::new(
            "抽取方法",
            "未被本轮抽中的账号按（县区、平台）分层，名额按各层账号数比例分配（最大余数法）；层内按“种子、期次、账号标识”三行文字的\
             SHA-256值由小到大取足。一轮未抽完前不重复抽取。凭种子和在册名单，任何人可以复算。",
        ),
    ];
    if !draw.reason.is_empty() {
        rows.push(Row::new("重新抽取理由", draw.reason.clone()));
    }
    rows.push(
        Row::new("抽取人签字", format!("{}{BLANK}{BLANK}年{BLANK}月{BLANK}日", spaced(&draw.by))).at_least(2),
    );
    rows.push(
        Row::new("监督人签字", format!("{}{BLANK}{BLANK}年{BLANK}月{BLANK}日", spaced(&draw.witness)))
            .at_least(2),
    );
    paper.body.push(Part::Form(rows));
    if accounts > 0 {
        paper.text("各层在册数和抽取数：");
        paper.body.push(Part::Grid(strata(draw)));
    }
    paper.annexes.push(Annex {
        title: "抽查名单".to_owned(),
        note: String::new(),
        grid: list(draw),
        landscape: true,
    });
    paper.date = Some(draw.at.date_naive());
    paper.signature = Some(head.issuer());
    paper
}

/// The workbook: 抽查名单, and everything that it was drawn from.
///
/// # Errors
/// [`XlsxError`] where a sheet has more rows than a spreadsheet takes.
pub fn workbook(draw: &Draw, head: &Letterhead<'_>) -> Result<Vec<u8>, XlsxError> {
    const PICKED: [(&str, f64); 9] = [
        ("序号", 6.0),
        ("类别", 12.0),
        ("名称", 30.0),
        ("类型（平台）", 15.0),
        ("标识", 26.0),
        ("县（区）", 22.0),
        ("主办单位", 26.0),
        ("列入原因", 20.0),
        ("网址", 36.0),
    ];
    const MEMBERS: [(&str, f64); 6] = [
        ("类别", 12.0),
        ("标识", 26.0),
        ("名称", 30.0),
        ("县（区）", 22.0),
        ("类型（平台）", 15.0),
        ("主办单位", 26.0),
    ];
    let title = format!("{}抽查名单", draw.period.label());
    let note = format!(
        "种子：{}    登记表校验值：{}    名单校验值：{}    抽取人：{}    监督人：{}",
        draw.seed,
        draw.register_hash(),
        draw.list_hash(),
        draw.by,
        draw.witness
    );
    let picked = (1usize..)
        .zip(draw.picked())
        .map(|(n, (member, pick))| {
            let why = if pick.again && pick.why != Why::Again {
                format!("{}；上期不合格，复查", pick.why.label())
            } else {
                pick.why.label().to_owned()
            };
            vec![
                n.to_string(),
                member.kind.label().to_owned(),
                member.name.clone(),
                member.category.clone(),
                member.code.clone(),
                member.county.clone(),
                member.host_unit.clone(),
                why,
                member.url.clone(),
            ]
        })
        .collect();
    let members = draw
        .members
        .iter()
        .map(|member| {
            vec![
                member.kind.label().to_owned(),
                member.code.clone(),
                member.name.clone(),
                member.county.clone(),
                member.category.clone(),
                member.host_unit.clone(),
            ]
        })
        .collect();
    let all = format!("抽取时在册的全部网站和账号，共{}个，供复算", draw.members.len());
    sheets(
        &title,
        head.issued,
        &[
            Sheet { name: "抽查名单", title: &title, head: &note, headings: &PICKED, rows: picked },
            Sheet {
                name: "在册名单", title: "在册名单", head: &all, headings: &MEMBERS, rows: members
            },
        ],
    )
}

fn list(draw: &Draw) -> Grid {
    let mut grid = Grid::new(&[
        ("序号", 6.5),
        ("名称", 26.0),
        ("类型（平台）", 14.0),
        ("标识", 20.0),
        ("主办单位", 24.0),
        ("列入原因", 14.0),
    ]);
    for (n, (member, pick)) in (1usize..).zip(draw.picked()) {
        let why = if pick.again { Why::Again } else { pick.why };
        grid.row([
            n.to_string(),
            member.name.clone(),
            member.category.clone(),
            member.code.clone(),
            member.host_unit.clone(),
            why.label().to_owned(),
        ]);
    }
    grid
}

fn strata(draw: &Draw) -> Grid {
    let mut strata: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for member in draw.members.iter().filter(|member| member.kind == MemberKind::Account) {
        strata.entry((&member.county, &member.category)).or_default().0 += 1;
    }
    for (member, _) in draw.picked().filter(|(_, pick)| pick.round > 0) {
        strata.entry((&member.county, &member.category)).or_default().1 += 1;
    }
    let mut grid = Grid::new(&[("县（区）", 24.0), ("平台", 18.0), ("在册数", 8.0), ("抽取数", 8.0)]);
    for ((county, platform), (all, taken)) in strata {
        let county = if county.is_empty() { "本级" } else { county };
        grid.row([county.to_owned(), platform.to_owned(), all.to_string(), taken.to_string()]);
    }
    grid
}

fn spaced(name: &str) -> String {
    if name.is_empty() { BLANK.repeat(3) } else { format!("{name}{BLANK}") }
}
