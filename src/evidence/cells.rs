//! What cells of foreign tables say: moments, periods, numbers. Nothing is guessed: what has two readings is refused.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _};

use crate::calendar::{Instant8, beijing, in_beijing};
use crate::config::printable;
use crate::config::scalar::serial_date;
use crate::registry::sheet::Cell;

/// A day, with its time where the cell has one.
pub(crate) type Moment = (NaiveDate, Option<Instant8>);

/// When something was published; `Ok(None)` where the cell names no moment, be it that there was none ([`says_never`]) or that
/// nobody knows (`—`).
///
/// # Errors
/// Why the cell is not understood, in Chinese.
pub(crate) fn moment(text: &str) -> Result<Option<Moment>, String> {
    let text = crate::config::trim(text);
    if text.is_empty() || NOTHING.contains(&text) || NEVER.contains(&text) {
        return Ok(None);
    }
    let wrong = || format!("“{}”不是发布时间，请写成 2026-11-16 或 2026-11-16 09:30", printable(text));
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return digits(text).map(Some).ok_or_else(wrong);
    }
    // A serial number with its time of day behind the point.
    if let Ok(serial) = text.parse::<f64>() {
        let exact = text.split_once('.').is_some_and(|(whole, part)| whole.len() == 5 && part.len() > 2);
        return if exact { serial_moment(serial).map(Some).ok_or_else(wrong) } else { Err(month_only(text)) };
    }
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
        let at = at.with_timezone(&beijing());
        return Ok(Some((at.date_naive(), Some(at))));
    }
    let unified = text.replace('T', " ").replace("日", "日 ");
    let mut parts = unified.split_whitespace().filter(|part| !WEEKDAYS.contains(part));
    let day = parts.next().unwrap_or_default();
    let day = match crate::config::date(day) {
        Ok(day) => day,
        Err(_) if is_month(day) => return Err(month_only(text)),
        Err(_) if is_day_of_year(day) => {
            return Err(format!("“{}”没有年份，请补全为年月日", printable(text)));
        }
        Err(_) => return Err(wrong()),
    };
    let rest: Vec<&str> = parts.collect();
    let time = match rest.as_slice() {
        [] => None,
        [time] => Some(time_of_day(time).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    };
    let at = time.and_then(|time| beijing().from_local_datetime(&day.and_time(time)).single());
    Ok(Some((day, at)))
}

/// As [`moment`], for a cell of a spreadsheet.
///
/// # Errors
/// As [`moment`].
pub(crate) fn moment_of(cell: &Cell) -> Result<Option<Moment>, String> {
    match cell {
        Cell::Date(day) => Ok(Some((*day, None))),
        Cell::Error(error) => Err(format!("单元格是公式错误 {error}")),
        Cell::Text(text) => moment(text),
    }
}

/// First and last day of a period: `2026-11-01至2026-11-15`, `2026年11月1日—15日`, `2026年11月`, `2026.11.01-2026.11.15`.
pub(crate) fn period(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for mark in ["至", "到", "~", "～", "—", "–", "－", "-"] {
        for (index, _) in text.match_indices(mark) {
            let (first, last) = (text.get(..index)?, text.get(index + mark.len()..)?);
            let last = last.trim_start_matches(['—', '-', '–']);
            let Ok(from) = crate::config::date(first) else { continue };
            let until = crate::config::date(last).ok().or_else(|| completed(from, last));
            if let Some(until) = until.filter(|until| *until >= from) {
                return Some((from, until));
            }
        }
    }
    let month = text.strip_suffix('月').or_else(|| text.strip_suffix("月份"))?;
    let (year, month) = month.split_once('年')?;
    if year.len() != 4 {
        return None;
    }
    let from = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?;
    let until = from.checked_add_months(chrono::Months::new(1))?.pred_opt()?;
    Some((from, until))
}

/// The period or the last day that a line above the headings tells: `统计时间：2026-11-01至2026-11-15`, `截至2026年11月16日`,
/// `导出时间：2026-11-16 10:20`.
pub(crate) fn told_period(text: &str) -> Option<(Option<NaiveDate>, NaiveDate)> {
    let plain: String = text.chars().filter(|c| !matches!(c, '（' | '）' | '(' | ')')).collect();
    for word in
        ["统计时间", "统计周期", "监测时间", "监测时间区间", "监测时段", "时间范围", "统计区间", "数据时间"]
    {
        let Some((_, rest)) = plain.split_once(word) else { continue };
        let rest = rest.trim_start_matches(['区', '间', '：', ':', ' ', '为']);
        let rest = rest.split(['，', '。', '；', ',', ';']).next().unwrap_or(rest);
        if let Some((from, until)) = period(rest) {
            return Some((Some(from), until));
        }
    }
    for word in
        ["截至", "截止到", "截止时间", "截止日期", "截止", "导出时间", "导出日期", "数据截至", "更新至"]
    {
        let Some((_, rest)) = plain.split_once(word) else { continue };
        let rest = rest.trim_start_matches(['：', ':', ' ', '至', '到']);
        let day = rest.split(['，', '。', '；', ',', ';', ' ', 'T']).next().unwrap_or(rest);
        let day = day.split_inclusive('日').next().unwrap_or(day);
        if let Ok(day) = crate::config::date(day) {
            return Some((None, day));
        }
    }
    None
}

/// A whole number, with the marks that tables put into it: `1,234`, `1.2万`, `35条`.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
    let plain = plain.trim_end_matches(['条', '篇', '个', '次', '人', '天']);
    if let Some(tens) = plain.strip_suffix('万').or_else(|| plain.strip_suffix('w')) {
        let value: f64 = tens.parse().ok()?;
        let whole = (value * 10_000.0).round();
        // A count of people fits far below where a float loses units.
        return (0.0..1e12).contains(&whole).then(|| format!("{whole:.0}").parse().ok()).flatten();
    }
    plain.strip_suffix(".0").unwrap_or(plain).parse().ok()
}

/// Whether the cell says in words that nothing was published. A dash says nothing: a monitor that failed leaves one, too.
pub(crate) fn says_never(text: &str) -> bool {
    NEVER.contains(&crate::config::trim(text))
}

/// The words of "never".
const NEVER: [&str; 5] = ["未发布", "无更新", "从未发布", "未更新", "未发布信息"];
/// What stands in a cell of which nothing is known.
const NOTHING: [&str; 9] = ["无", "-", "—", "——", "--", "/", "暂无", "无内容", "无数据"];
/// Weekdays that some exports write behind the day.
const WEEKDAYS: [&str; 8] = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日", "星期天"];

/// `20261116`, `20261116093000`, a serial number, seconds or milliseconds since 1970.
fn digits(text: &str) -> Option<Moment> {
    match text.len() {
        5 => serial_date(text.parse().ok()?).map(|day| (day, None)),
        8 => {
            let day = NaiveDate::parse_from_str(text, "%Y%m%d").ok()?;
            plausible(day).then_some((day, None))
        }
        14 => {
            let at = NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok()?;
            let at = beijing().from_local_datetime(&at).single()?;
            plausible(at.date_naive()).then_some((at.date_naive(), Some(at)))
        }
        10 | 13 => {
            let value: i64 = text.parse().ok()?;
            let millis = if text.len() == 10 { value.checked_mul(1000)? } else { value };
            let at = in_beijing(chrono::DateTime::from_timestamp_millis(millis)?);
            plausible(at.date_naive()).then_some((at.date_naive(), Some(at)))
        }
        _ => None,
    }
}

fn serial_moment(serial: f64) -> Option<Moment> {
    let whole = serial.floor();
    let day = serial_date(format!("{whole:.0}").parse().ok()?)?;
    let seconds = ((serial - whole) * 86_400.0).round();
    let seconds: u32 = format!("{seconds:.0}").parse().ok()?;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds.min(86_399), 0)?;
    Some((day, beijing().from_local_datetime(&day.and_time(time)).single()))
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let text = text.replace('：', ":").replace(['时', '点', '分'], ":").replace('秒', "");
    let text = text.trim_end_matches(':').split('.').next().unwrap_or_default().to_owned();
    let parts: Vec<u32> = text.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    match parts.as_slice() {
        [h] if *h == 24 => NaiveTime::from_hms_opt(23, 59, 59),
        [h] => NaiveTime::from_hms_opt(*h, 0, 0),
        [h, m] => NaiveTime::from_hms_opt(*h, *m, 0),
        [h, m, s] => NaiveTime::from_hms_opt(*h, *m, *s),
        _ => None,
    }
}

/// The rest of a period whose last day leaves out what the first has: `11月15日`, `15日`, `11.15`.
fn completed(from: NaiveDate, last: &str) -> Option<NaiveDate> {
    use chrono::Datelike as _;
    let unified = last.replace(['/', '.', '月'], "-").replace(['日', '号'], "");
    let parts: Vec<u32> = unified.split('-').map(str::parse).collect::<Result<_, _>>().ok()?;
    match parts.as_slice() {
        [day] => NaiveDate::from_ymd_opt(from.year(), from.month(), *day),
        [month, day] => NaiveDate::from_ymd_opt(from.year(), *month, *day),
        _ => None,
    }
}

fn plausible(day: NaiveDate) -> bool {
    use chrono::Datelike as _;
    (2005..2100).contains(&day.year())
}

fn is_month(text: &str) -> bool {
    let unified = text.replace(['/', '-', '年'], ".");
    let unified = unified.trim_end_matches(['月', '.']);
    unified.split_once('.').is_some_and(|(year, month)| {
        year.len() == 4
            && (1..=2).contains(&month.len())
            && year.parse::<u16>().is_ok()
            && month.parse::<u8>().is_ok()
    })
}

fn is_day_of_year(text: &str) -> bool {
    let unified = text.replace(['/', '.', '月'], "-").replace(['日', '号'], "");
    let parts: Vec<&str> = unified.split('-').collect();
    matches!(parts.as_slice(), [month, day] if month.parse::<u8>().is_ok() && day.parse::<u8>().is_ok())
}

fn month_only(text: &str) -> String {
    format!("“{}”不是完整的日期（只有年月？），请补全为年月日", printable(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, m, d).expect("a date")
    }

    #[test]
    fn moments_in_the_forms_of_tables() {
        for text in [
            "2026-11-16",
            "2026/11/16 9:30",
            "2026.11.16",
            "2026年11月16日",
            "2026年11月16日 09时30分",
            "2026年11月16日09:30:15",
            "2026-11-16 09:30:15.0",
            "2026-11-16T09:30:15+08:00",
            "2026-11-16 星期一 09:30",
            "20261116",
            "46342",
            "46342.396",
            "1794792600",
            "1794792600000",
        ] {
            let found = moment(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(found.map(|(day, _)| day), Some(day(11, 16)), "{text}");
        }
        for text in [
            "2026.11",
            "2026年11月",
            "11-16",
            "11月16日",
            "3天前",
            "昨天",
            "2026-13-01",
            "99999999",
            "2021.3",
        ] {
            assert!(moment(text).is_err(), "{text}");
        }
        assert_eq!(moment("—"), Ok(None));
    }

    #[test]
    fn periods() {
        let wanted = Some((day(11, 1), day(11, 15)));
        for text in [
            "2026-11-01至2026-11-15",
            "2026年11月1日—15日",
            "2026年11月1日至11月15日",
            "2026.11.01-2026.11.15",
            "2026/11/1 ~ 2026/11/15",
        ] {
            assert_eq!(period(text), wanted, "{text}");
        }
        assert_eq!(period("2026年11月"), Some((day(11, 1), day(11, 30))));
        assert_eq!(period("2026-11-15至2026-11-01"), None);
        assert_eq!(
            told_period("监测汇总（统计时间：2026-11-01至2026-11-15）"),
            Some((Some(day(11, 1)), day(11, 15)))
        );
        assert_eq!(told_period("某市台账 截至2026年11月16日，共12个"), Some((None, day(11, 16))));
        assert_eq!(told_period("导出时间：2026-11-16 10:20"), Some((None, day(11, 16))));
        assert_eq!(told_period("第四季度监测汇总"), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(
            ["1,234", "1.2万", "35条", "0", "7.0"].map(number),
            [Some(1234), Some(12_000), Some(35), Some(0), Some(7)]
        );
        assert_eq!(number("多"), None);
    }
}
