//! Single values as people write them in files: dates, spans of time, sizes, addresses, URLs, ranges.
//! Every error is a Chinese sentence that says what would be right.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use url::{Host, Url};

use super::raw::printable;
use super::valid::{Cidr, ConnectTo};

/// Whether a character may not stand in anything that is put into a letter's head, a log line or a list:
/// control characters, line ends, and what turns the writing direction around.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// Whitespace that offices leave around words, the full-width and the invisible kinds included.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200c}' | '\u{200d}')
    })
}

/// The trimmed text, if it is one line of printable characters.
pub(crate) fn one_line(text: &str) -> Result<&str, String> {
    let text = trim(text);
    match text.chars().find(|c| is_unprintable(*c)) {
        None if text.contains('\u{fffd}') => Err("含有乱码字符，请检查文件编码".to_owned()),
        None => Ok(text),
        Some('\r' | '\n' | '\u{2028}' | '\u{2029}') => Err("含有换行，请写成一行".to_owned()),
        Some(c) => Err(format!("含有控制字符 {}，请删除后重新录入", c.escape_unicode())),
    }
}

/// A date: `2026-12-31`, `2026/12/31`, `2026.12.31`, `2026年12月31日`, or the serial number that a
/// spreadsheet shows where the cell lost its format.
pub(crate) fn date(text: &str) -> Result<NaiveDate, String> {
    let wrong = || format!("“{}”不是日期，请写成 2026-12-31 的形式", printable(text));
    if text.chars().all(|c| c.is_ascii_digit()) && text.len() == 5 {
        return text.parse().ok().and_then(serial_date).ok_or_else(wrong);
    }
    let unified = text.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let parts: Vec<&str> = unified.split('-').map(str::trim).collect();
    let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return Err(wrong());
    }
    let (Ok(y), Ok(m), Ok(d)) = (year.parse(), month.parse(), day.parse()) else { return Err(wrong()) };
    NaiveDate::from_ymd_opt(y, m, d).ok_or_else(|| format!("“{}”这一天不存在", printable(text)))
}

/// The date of a spreadsheet's serial number (1900 system), within the years 1990 to 2099.
pub(crate) fn serial_date(serial: u32) -> Option<NaiveDate> {
    if !(32_874..=73_050).contains(&serial) {
        return None;
    }
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(u64::from(serial)))
}

/// A span of time: `500ms`, `10s`, `15m`, `6h`, `2d`, or with 秒, 分钟, 小时, 天.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("“{}”不是时长，请写成 10s、15m、6h 或 500ms 的形式", printable(text));
    let (number, unit) = number_and_unit(text).ok_or_else(wrong)?;
    let millis = match unit {
        "ms" | "毫秒" => 1,
        "s" | "秒" => 1_000,
        "m" | "min" | "分" | "分钟" => 60_000,
        "h" | "小时" => 3_600_000,
        "d" | "天" => 86_400_000,
        _ => return Err(wrong()),
    };
    match number.checked_mul(millis) {
        None | Some(0) => Err(format!("“{}”应大于零且不过大", printable(text))),
        Some(millis) if millis > 366 * 86_400_000 => Err(format!("“{text}”超过一年")),
        Some(millis) => Ok(Duration::from_millis(millis)),
    }
}

/// A number of bytes: `16KiB`, `5MiB`, `4GiB`, or a plain number of bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("“{}”不是大小，请写成 16KiB、5MiB 或 4GiB 的形式", printable(text));
    let (number, unit) = number_and_unit(text).ok_or_else(wrong)?;
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(wrong()),
    };
    number.checked_mul(1 << shift).filter(|bytes| *bytes <= 1 << 50).ok_or_else(wrong)
}

/// `22:00-06:00`; an end before the beginning means the next morning, `24:00` the end of the day.
pub(crate) fn time_window(text: &str) -> Result<(NaiveTime, NaiveTime), String> {
    let wrong = || format!("“{}”不是时间段，请写成 22:00-06:00 的形式", printable(text));
    let (from, to) = text.split_once(['-', '—', '～', '~']).ok_or_else(wrong)?;
    let time = |text: &str| {
        let (hour, minute) = text.trim().split_once([':', '：'])?;
        match (hour.parse().ok()?, minute.parse().ok()?) {
            (24, 0) => Some(NaiveTime::MIN),
            (hour, minute) => NaiveTime::from_hms_opt(hour, minute, 0),
        }
    };
    let (from, to) = (time(from).ok_or_else(wrong)?, time(to).ok_or_else(wrong)?);
    if from == to {
        return Err(format!("“{text}”起止相同；不限时段请留空列表 []"));
    }
    Ok((from, to))
}

/// An absolute `http` or `https` URL without a login in it.
pub(crate) fn web_url(text: &str) -> Result<Url, String> {
    let shown = printable(text);
    if text.chars().any(char::is_whitespace) {
        return Err(format!("网址“{shown}”中间有空格"));
    }
    let lower = text.to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        return Err(match scheme {
            Some(_) => format!("网址“{shown}”应以 http:// 或 https:// 开头"),
            None if text.contains('.') => {
                format!("网址“{shown}”缺少开头的 http://，您是否想写“http://{shown}”？")
            }
            None => format!("“{shown}”不是网址，请写成 http://www.example.gov.cn/ 的形式"),
        });
    }
    let url = Url::parse(text).map_err(|error| format!("网址“{shown}”有误：{}", url_error(error)))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("网址中不能含用户名或密码".to_owned());
    }
    match url.host() {
        None => Err(format!("网址“{shown}”没有主机名")),
        Some(Host::Domain(name)) if !name.contains('.') && name != "localhost" => {
            Err(format!("网址“{shown}”的主机名“{name}”不完整"))
        }
        Some(_) => Ok(url),
    }
}

/// A bare mail address, `zwgk@example.gov.cn`.
pub(crate) fn mail_address(text: &str) -> Result<String, String> {
    let shown = printable(text);
    if text.contains(['＠', '．', '，', '。']) {
        return Err(format!("邮箱“{shown}”含有全角字符，请改用半角"));
    }
    if text.contains(char::is_whitespace) {
        return Err(format!("邮箱“{shown}”中间有空格"));
    }
    if text.contains(['<', '>']) {
        return Err(format!("邮箱“{shown}”只写地址本身，不带姓名和尖括号"));
    }
    let Some((user, domain)) = text.rsplit_once('@') else {
        return Err(format!("“{shown}”不是邮箱地址，请写成 name@example.gov.cn 的形式"));
    };
    let good = text.is_ascii()
        && text.len() <= 254
        && domain.contains('.')
        && !user.contains(['"', '(', ')', ',', ';']);
    match text.parse::<lettre::Address>() {
        Ok(address) if good => Ok(address.to_string()),
        _ => Err(format!("“{shown}”不是正确的邮箱地址，请写成 name@example.gov.cn 的形式")),
    }
}

/// A host name or an IP address, in lower case.
pub(crate) fn host(text: &str) -> Result<String, String> {
    let shown = printable(text);
    if text.is_empty() || text.contains(['/', '@', ' ']) {
        return Err(format!("“{shown}”应只是主机名，如 smtp.example.gov.cn，不带 http:// 和路径"));
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    if text.contains(':') {
        return Err(format!("主机名“{shown}”不要带端口，端口请写在 port"));
    }
    Host::parse(text)
        .map(|host| host.to_string())
        .map_err(|error| format!("主机名“{shown}”有误：{}", url_error(error)))
}

/// `10.1.0.0/16` or `fd00:1::/32`, the network address without host bits.
pub(crate) fn cidr(text: &str) -> Result<Cidr, String> {
    let shown = printable(text);
    let wrong = || format!("“{shown}”不是网段，请写成 10.1.0.0/16 的形式");
    let (addr, bits) = text.split_once('/').ok_or_else(wrong)?;
    let addr: IpAddr = addr.parse().map_err(|_| wrong())?;
    let bits: u8 = bits.parse().map_err(|_| wrong())?;
    let (width, widest) = if addr.is_ipv4() { (32, 8) } else { (128, 7) };
    if bits > width {
        return Err(format!("“{shown}”的前缀长度应不超过 {width}"));
    }
    if bits < widest {
        return Err(format!("“{shown}”范围过大，前缀长度不得小于 {widest}"));
    }
    let network = network_address(addr, bits);
    if network != addr {
        return Err(format!("“{shown}”的主机位不为零，您是否想写“{network}/{bits}”？"));
    }
    Ok(Cidr { addr, bits })
}

/// `HOST:PORT:ADDR:PORT`; IPv6 addresses in brackets.
pub(crate) fn connect_to(text: &str) -> Result<ConnectTo, String> {
    let wrong = || {
        format!(
            "“{}”应写成 主机名:端口:地址:端口，如 www.example.gov.cn:80:10.1.2.3:80，IPv6 地址加方括号",
            printable(text)
        )
    };
    let (name, rest) = cut_host(text).ok_or_else(wrong)?;
    let (port, target) = rest.split_once(':').ok_or_else(wrong)?;
    let to: SocketAddr = target.parse().map_err(|_| wrong())?;
    let port: u16 = port.parse().map_err(|_| wrong())?;
    let name = Host::parse(name).map_err(|_| wrong())?.to_string();
    if port == 0 || to.port() == 0 {
        return Err(wrong());
    }
    Ok(ConnectTo { host: name, port, to })
}

/// A name server: an IP address, with a port where it is not 53.
pub(crate) fn name_server(text: &str) -> Result<SocketAddr, String> {
    if let Ok(addr) = text.parse::<IpAddr>() {
        return Ok(SocketAddr::new(addr, 53));
    }
    text.parse::<SocketAddr>()
        .ok()
        .filter(|server| server.port() != 0)
        .ok_or_else(|| format!("“{}”不是域名服务器地址，请写成 10.1.0.53 或 10.1.0.53:53", printable(text)))
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit.trim()))
}

fn network_address(addr: IpAddr, bits: u8) -> IpAddr {
    match addr {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

/// The host, brackets kept, and what follows its colon.
fn cut_host(text: &str) -> Option<(&str, &str)> {
    if text.starts_with('[') {
        let (inside, rest) = text.split_once(']')?;
        let host = text.get(..=inside.len())?;
        return Some((host, rest.strip_prefix(':')?));
    }
    text.split_once(':')
}

fn url_error(error: url::ParseError) -> &'static str {
    match error {
        url::ParseError::EmptyHost => "没有主机名",
        url::ParseError::InvalidPort => "端口不对",
        url::ParseError::InvalidIpv4Address | url::ParseError::InvalidIpv6Address => "IP 地址不对",
        url::ParseError::InvalidDomainCharacter | url::ParseError::IdnaError => "主机名含有不允许的字符",
        _ => "格式不对",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a date")
    }

    #[test]
    fn dates_as_offices_write_them() {
        for text in ["2026-12-31", "2026/12/31", "2026.12.31", "2026年12月31日", "46387"] {
            assert_eq!(date(text), Ok(day(2026, 12, 31)), "{text}");
        }
        assert_eq!(date("2026-2-3"), Ok(day(2026, 2, 3)));
        for text in ["2026-02-30", "26-12-31", "12/31/2026", "明年", "2026-12", "99999", "", "2026-13-01"] {
            assert!(date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn spans_and_sizes() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("6小时"), Ok(Duration::from_hours(6)));
        assert_eq!(duration("15 m"), Ok(Duration::from_mins(15)));
        for text in ["6", "0s", "-1s", "1.5h", "六小时", "99999999999999999999s", "400d"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(bytes("5MiB"), Ok(5 << 20));
        assert_eq!(bytes("0"), Ok(0));
        assert!(bytes("5 apples").is_err());
        assert!(bytes("99999999999999GiB").is_err());
    }

    #[test]
    fn windows() {
        let at = |h, m| NaiveTime::from_hms_opt(h, m, 0).expect("a time");
        assert_eq!(time_window("22:00-06:30"), Ok((at(22, 0), at(6, 30))));
        assert_eq!(time_window("20：00—24：00"), Ok((at(20, 0), at(0, 0))));
        for text in ["22-6", "25:00-06:00", "22:00", "08:00-08:00", "22:60-06:00"] {
            assert!(time_window(text).is_err(), "{text}");
        }
    }

    #[test]
    fn urls() {
        assert!(web_url("https://www.shili.gov.cn/zwgk/").is_ok());
        assert!(web_url("http://127.0.0.1:8080/").is_ok());
        assert!(web_url("www.shili.gov.cn").expect_err("no scheme").contains("http://www.shili.gov.cn"));
        for text in [
            "ftp://a.cn/",
            "http://",
            "http://a b.cn/",
            "javascript:alert(1)",
            "http://u:p@a.cn/",
            "http://a/",
            "无",
        ] {
            assert!(web_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses() {
        assert_eq!(mail_address("zwgk@shili.gov.cn"), Ok("zwgk@shili.gov.cn".to_owned()));
        for text in
            ["zwgk", "zwgk@", "@a.cn", "a b@c.cn", "张<a@b.cn>", "a＠b.cn", "a@b", "a@b..cn", "a,b@c.cn"]
        {
            assert!(mail_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ranges_and_routes() {
        assert_eq!(cidr("10.1.0.0/16"), Ok(Cidr { addr: [10, 1, 0, 0].into(), bits: 16 }));
        assert!(cidr("::1/128").is_ok());
        assert!(cidr("10.1.2.3/16").expect_err("host bits").contains("10.1.0.0/16"));
        for text in ["10.1.0.0", "10.1.0.0/33", "0.0.0.0/0", "10.1/16", "::/0", "x/8"] {
            assert!(cidr(text).is_err(), "{text}");
        }
        let mapped = connect_to("WWW.Shili.gov.cn:80:[::1]:8080").expect("a mapping");
        assert_eq!(
            (mapped.host.as_str(), mapped.port, mapped.to.to_string().as_str()),
            ("www.shili.gov.cn", 80, "[::1]:8080")
        );
        assert!(connect_to("[::1]:80:127.0.0.1:81").is_ok());
        for text in ["a.cn:80", "a.cn:80:b.cn:80", "a.cn:0:1.2.3.4:80", "a.cn:80:1.2.3.4", ":80:1.2.3.4:80"] {
            assert!(connect_to(text).is_err(), "{text}");
        }
        assert_eq!(name_server("10.1.0.53").map(|s| s.port()), Ok(53));
        assert!(name_server("ns.a.cn").is_err());
    }

    #[test]
    fn one_line_refuses_what_breaks_heads_and_lists() {
        assert_eq!(one_line("\u{3000} 示例市 \u{feff}"), Ok("示例市"));
        for text in ["a\r\nb", "a\0b", "a\u{1b}[31m", "a\u{202e}b", "a\u{2028}b", "a\u{fffd}b"] {
            assert!(one_line(text).is_err(), "{text:?}");
        }
    }
}
