//! `public-report`: messages over 我为政府网站找错 that were not answered in time.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::asked::{Ask, Contents};
use crate::facts::beside::{Reported, Said};
use crate::facts::periods::surely_worked;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 找错留言超期未办结
    ///
    /// ## What it does
    /// Takes the messages of the office's `public-reports.csv`, the export of the national platform, and flags a site with
    /// messages that came in within `within-days` and have waited longer than `working-days` working days by the office's calendar;
    /// with `late`, messages that were answered, but later than that.
    ///
    /// ## Why it matters
    /// Readers who report a fault are to hear of it within three working days; the platform counts every late answer.
    ///
    /// ## Gaps
    /// Without the file nothing is known. Where the calendar lacks a year, a message is late only if it would be with every
    /// possible holiday, and not to be told in between.
    ///
    /// ## Example
    /// Received on 2 November, without an answer on 16 November: flagged.
    PublicReport = "public-report", Contents, Params, run, asks
}

/// Parameters of `public-report`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Working days that an answer may take.
    working_days: u32,
    /// Days after which nobody asks any more.
    within_days: i64,
    /// Whether answered messages are asked for, in place of those that wait.
    #[serde(default)]
    late: bool,
}

fn asks(_: &Params) -> Vec<Ask> {
    vec![Ask::Reports]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Said::Reports(Some(reports)) = &contents.answer(&Ask::Reports)?.said else {
        return Err(Gap::new(&contents.url, "no-imported-table"));
    };
    let mut unsure = false;
    let mut late: Vec<&Reported> = Vec::new();
    for one in reports.iter().filter(|one| one.answered.is_some() == params.late) {
        let age = cx.as_of.signed_duration_since(one.received).num_days();
        if age < 0 || age > params.within_days {
            continue;
        }
        let took = one.answered.unwrap_or(cx.as_of).signed_duration_since(one.received).num_days();
        match one.worked {
            Some(worked) if worked > params.working_days => late.push(one),
            Some(_) => {}
            None if took > i64::from(surely_worked(params.working_days)) => late.push(one),
            None => unsure |= took > i64::from(params.working_days),
        }
    }
    if late.is_empty() {
        return if unsure { Err(Gap::new(&contents.url, "no-calendar-year")) } else { Ok(Vec::new()) };
    }
    let told: Vec<String> = late.iter().take(5).map(|one| sentence(one)).collect();
    let more = if late.len() > 5 { format!("等{}条", late.len()) } else { String::new() };
    let verb = if params.late { "答复超过" } else { "未答复，已超过" };
    let text =
        format!("“我为政府网站找错”留言{verb}{}个工作日：{}{more}。", params.working_days, told.join("；"));
    let excerpt = format!("登记{}条，超期{}条", reports.len(), late.len());
    Ok(vec![Defect::new(text, excerpt, Confidence::High)])
}

fn sentence(one: &Reported) -> String {
    let name = match (one.number.is_empty(), one.about.is_empty()) {
        (false, false) => format!("{}“{}”", one.number, one.about),
        (false, true) => one.number.clone(),
        (true, false) => format!("“{}”", one.about),
        (true, true) => "未编号留言".to_owned(),
    };
    let worked = one.worked.map_or_else(String::new, |days| format!("，{days}个工作日"));
    let end = one.answered.map_or_else(|| "未答复".to_owned(), |day| format!("{}答复", long_date(day)));
    format!("{name}（{}收到，{end}{worked}）", long_date(one.received))
}
