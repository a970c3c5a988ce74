//! Malformed `xuncha.toml`: each input with every fault it must yield, at its line and column.

use std::path::Path;

use xuncha::config::valid::Config;

/// What was written, and for each fault its line, its column and a part of its message.
type Case = (&'static str, &'static [(u32, u32, &'static str)]);

#[test]
fn malformed_configurations() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut mismatches = Vec::new();
    for (text, wanted) in CASES {
        let contact =
            if text.contains("[crawl]") { "" } else { "\n[crawl]\ncontact = \"zwgk@shili.example\"\n" };
        let path = dir.path().join("xuncha.toml");
        std::fs::write(&path, format!("{text}{contact}")).expect("written");
        mismatches.extend(mismatch(&path, text, wanted));
    }
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
    assert!(CASES.len() >= 50, "{}", CASES.len());
}

#[test]
fn a_browser_is_asked_for_only_where_there_is_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("xuncha.toml");
    let lacking = if cfg!(feature = "browser") {
        "找不到浏览器程序"
    } else {
        "编译时未包含浏览器功能"
    };
    let off = "[browser]\nenable=false\ncommand='/no/such/chromium'\n[crawl]\ncontact='a@b.example'\n";
    std::fs::write(&path, off).expect("written");
    assert!(Config::load(&path).expect("a configuration").browser.is_none(), "what is off is not looked for");
    for (text, column, part) in [
        ("[browser]\nenable=true\ncommand='/no/such/chromium'", 8, lacking),
        ("[browser]\ncommand='chromium'", 9, "完整路径"),
    ] {
        std::fs::write(&path, format!("{text}\n[crawl]\ncontact='a@b.example'\n")).expect("written");
        assert_eq!(mismatch(&path, text, &[(2, column, part)]), None);
    }
}

const MAIL: &str = "[office]\nsignature='甲'\narea='乙'\ncontact='丙'\nphone='1'\nreply-to='a@b.example'\n[crawl]\ncontact='a@b.example'\n[mail]\n";

#[test]
fn malformed_mail_sections() {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, content, bits) in
        [("open", "hunter2\n", 0o644), ("empty", "\n", 0o600), ("good", "hunter2\n", 0o600)]
    {
        std::fs::write(dir.path().join(name), content).expect("written");
        mode(&dir.path().join(name), bits);
    }
    // The text stands under the nine lines above.
    let cases: &[Case] = &[
        (
            "host='m.example'\nfrom='a@b.example'\nport=587",
            &[(12, 6, "请改为 465，或将 security 改为 \"starttls\"")],
        ),
        (
            "host='m.example'\nfrom='a@b.example'\nport=465\nsecurity='starttls'",
            &[(12, 6, "将 security 改为 \"tls\"")],
        ),
        ("host='m.example'\nfrom='a@b.example'\nsecurity='plain'", &[(12, 10, "只能用于本机")]),
        (
            "host='localhost'\nfrom='a@b.example'\nsecurity='plain'\nuser='u'\npassword-file='good'",
            &[(13, 6, "请去掉 user")],
        ),
        ("host='m.example'\nfrom='a@b.example'\nsecurity='ssl'", &[(12, 10, "只能是 tls")]),
        ("host='m.example'\nfrom='a@b.example'\nport=0", &[(12, 6, "1 至 65535")]),
        ("host='m.example'\nfrom='a@b.example'\nuser='u'", &[(12, 6, "password-file 或 password-env")]),
        ("host='m.example'\nfrom='a@b.example'\npassword-file='good'", &[(12, 15, "没有写 user")]),
        (
            "host='m.example'\nfrom='a@b.example'\nuser='u'\npassword-file='open'",
            &[(13, 15, "0644，他人可读，请执行 chmod 600")],
        ),
        (
            "host='m.example'\nfrom='a@b.example'\nuser='u'\npassword-file='empty'",
            &[(13, 15, "第一行是空的")],
        ),
        ("host='m.example'\nfrom='a@b.example'\nuser='u'\npassword-file='none'", &[(13, 15, "找不到该文件")]),
        (
            "host='m.example'\nfrom='a@b.example'\nuser='u'\npassword-env='XUNCHA_TEST_NOT_SET'",
            &[(13, 14, "环境变量 XUNCHA_TEST_NOT_SET 未设置")],
        ),
        (
            "host='m.example'\nfrom='a@b.example'\nuser='u'\npassword-env='X'\npassword-file='good'",
            &[(14, 15, "只能写一个")],
        ),
        (
            "host='m.example'\nfrom='a@b.example'\npassword='hunter3'",
            &[(12, 1, "没有名为“password”的配置项")],
        ),
        ("from='a@b.example'", &[(9, 2, "缺少必填项 [mail] host")]),
        ("host='smtp://m.example'\nfrom='a@b.example'", &[(10, 6, "应只是主机名")]),
        ("host='m.example:465'\nfrom='a@b.example'", &[(10, 6, "不要带端口")]),
        ("host='m.example'", &[(9, 2, "缺少必填项 [mail] from")]),
        ("host='m.example'\nfrom='甲<a@b.example>'", &[(11, 6, "不带姓名和尖括号")]),
        ("host='m.example'\nfrom=\"a@b.example\\r\\nBcc: c@d.example\"", &[(11, 6, "含有换行")]),
        ("host='m.example'\nfrom='a＠b.example'", &[(11, 6, "全角")]),
        ("host='m.example'\nfrom='a@b.example'\ndomain='nodot'", &[(12, 8, "应是域名")]),
        ("host='m.example'\nfrom='a@b.example'\nauto-send='yes'", &[(12, 11, "true 或 false")]),
    ];
    let path = dir.path().join("xuncha.toml");
    let mut mismatches = Vec::new();
    for (text, wanted) in cases {
        std::fs::write(&path, format!("{MAIL}{text}\n")).expect("written");
        mismatches.extend(mismatch(&path, text, wanted));
    }
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
    std::fs::write(
        &path,
        format!("{MAIL}host='m.example'\nfrom='a@b.example'\nuser='u'\npassword-file='good'\n"),
    )
    .expect("written");
    let config = Config::load(&path).expect("a good file");
    assert_eq!(config.mail.and_then(|mail| mail.password).expect("a password").expose(), "hunter2");
}

const CASES: &[Case] = &[
    // Syntax.
    ("[paths\nstate = \"x\"", &[(1, 7, "TOML 格式有误")]),
    ("[paths]\nstate = \"x", &[(2, 11, "右引号")]),
    ("[paths]\nstate = ", &[(2, 9, "TOML 格式有误")]),
    ("[paths]\nstate", &[(2, 6, "TOML 格式有误")]),
    ("[paths]\nstate = x", &[(2, 9, "TOML 格式有误")]),
    ("[paths]\nstate = \"a\"\nstate = \"b\"", &[(3, 1, "同一项写了两次")]),
    ("[paths]\nstate = \"C:\\状态\"", &[(2, 13, "反斜杠")]),
    ("[paths]\nstate ＝ \"x\"", &[(2, 7, "TOML 格式有误")]),
    ("[paths]\nstate = “x”", &[(2, 9, "TOML 格式有误")]),
    ("[egress]\nports = [80", &[(3, 1, "末尾要有右方括号"), (4, 1, "TOML 格式有误")]),
    // Unknown keys and sections, with what was meant.
    ("[path]\nstate = \"x\"", &[(1, 2, "没有名为“path”的节，您是否想写“paths”")]),
    (
        "[crawl]\ncontact='a@b.example'\nrate-per-hots = 1",
        &[(3, 1, "[crawl] 中没有名为“rate-per-hots”的配置项，您是否想写“rate-per-host”")],
    ),
    ("[crawl]\ncontact='a@b.example'\nrate_per_host = 1", &[(3, 1, "您是否想写“rate-per-host”")]),
    ("[paths]\ncolour = 1", &[(2, 1, "可用的有：state、registry、holidays")]),
    ("wholly-unknown = 1", &[(1, 1, "没有名为“wholly-unknown”的配置项")]),
    (
        "crawl-speed = 1\n[limits]\nnothing = 2\n[egress]\nproxi = \"\"",
        &[(1, 1, "crawl-speed"), (3, 1, "nothing"), (5, 1, "您是否想写“proxy”")],
    ),
    // Kinds.
    ("paths = 3", &[(1, 9, "paths 应为一节，写作 [paths]，现为整数")]),
    ("[paths]\nstate = 3", &[(2, 9, "state 应为带引号的文本，现为整数")]),
    ("[paths]\nstate = \"\"", &[(2, 9, "不能为空")]),
    (
        "[crawl]\ncontact='a@b.example'\nconcurrency = \"64\"",
        &[(3, 15, "应为整数（不加引号），现为带引号的文本")],
    ),
    ("[crawl]\ncontact='a@b.example'\ncheck-external = \"true\"", &[(3, 18, "true 或 false（不加引号）")]),
    ("[crawl]\ncontact='a@b.example'\nwindows = \"22:00-06:00\"", &[(3, 11, "应为列表")]),
    ("[egress]\nports = [\"8080\"]", &[(2, 10, "应为整数")]),
    // Rates and budgets.
    ("[crawl]\ncontact='a@b.example'\nrate-per-host = -1.0", &[(3, 17, "应大于 0，现为 -1")]),
    ("[crawl]\ncontact='a@b.example'\nrate-per-host = 0", &[(3, 17, "应大于 0")]),
    ("[crawl]\ncontact='a@b.example'\nrate-per-group = nan", &[(3, 18, "应为数")]),
    ("[crawl]\ncontact='a@b.example'\nrate-per-host = 50", &[(3, 17, "只有配置了 [egress] allow-private")]),
    ("[crawl]\ncontact='a@b.example'\nconnections-per-host = 0", &[(3, 24, "1 至 64")]),
    ("[crawl]\ncontact='a@b.example'\nmax-depth = 99999999999999999999", &[(3, 13, "1 至 1000")]),
    ("[crawl]\ncontact='a@b.example'\nmax-pages = -5", &[(3, 13, "之间，现为 -5")]),
    ("[crawl]\ncontact='a@b.example'\nmax-bytes = \"4 apples\"", &[(3, 13, "不是大小")]),
    ("[crawl]\ncontact='a@b.example'\nconfirm-apart = \"six hours\"", &[(3, 17, "不是时长")]),
    ("[limits]\nconnect = \"0s\"", &[(2, 11, "应大于零")]),
    ("[limits]\npage-bytes = \"10GiB\"", &[(2, 14, "1KiB 至 256MiB")]),
    ("[limits]\nredirects = 50", &[(2, 13, "0 至 20")]),
    // Times and dates.
    (
        "[crawl]\ncontact='a@b.example'\nwindows = [\"22:00-06:00\", \"25:00-06:00\", \"8-9\"]",
        &[(3, 27, "“25:00-06:00”不是时间段"), (3, 42, "“8-9”不是时间段")],
    ),
    ("[crawl]\ncontact='a@b.example'\nwindows = [\"08:00-08:00\"]", &[(3, 12, "起止相同")]),
    ("[crawl]\ncontact='a@b.example'\nquiet-dates = [\"2026-02-30\"]", &[(3, 16, "这一天不存在")]),
    ("[crawl]\ncontact='a@b.example'\nquiet-dates = [\"国庆\"]", &[(3, 16, "不是日期")]),
    // Who is asking.
    ("[crawl]\n", &[(1, 2, "缺少必填项 [crawl] contact")]),
    ("[crawl]\ncontact = \"\"", &[(2, 11, "不是邮箱")]),
    ("[crawl]\ncontact = \"办公室\"", &[(2, 11, "不是邮箱")]),
    ("[crawl]\ncontact='a@b.example'\nuser-agent = \"巡查\"", &[(3, 14, "只能用英文字母")]),
    ("[crawl]\ncontact='a@b.example'\nuser-agent = \"x\\r\\nHost: y\"", &[(3, 14, "含有换行")]),
    ("[office]\nreply-to = \"a b@c.example\"", &[(2, 12, "中间有空格")]),
    ("[office]\nsignature = \"甲\\u0000乙\"", &[(2, 13, "含有控制字符")]),
    // Egress.
    ("[egress]\nallow-private = [\"10.1.0.0/16\", \"10.1.2.3/16\"]", &[(2, 33, "您是否想写“10.1.0.0/16”")]),
    ("[egress]\nallow-private = [\"0.0.0.0/0\"]", &[(2, 18, "范围过大")]),
    ("[egress]\nallow-private = [\"内网\"]", &[(2, 18, "不是网段")]),
    ("[egress]\nproxy = \"10.1.0.8:3128\"", &[(2, 9, "您是否想写“http://10.1.0.8:3128”")]),
    ("[egress]\nproxy = \"socks5://10.1.0.8:1080\"", &[(2, 9, "应以 http:// 或 https:// 开头")]),
    ("[egress]\nproxy = \"http://u:hunter2@10.1.0.8:3128\"", &[(2, 9, "不能含用户名或密码")]),
    ("[egress]\nconnect-to = [\"www.shili.example:80\"]", &[(2, 15, "主机名:端口:地址:端口")]),
    ("[egress]\ndns = [\"ns.shili.example\"]", &[(2, 8, "不是域名服务器地址")]),
    ("[egress]\nports = [70000]", &[(2, 10, "1 至 65535")]),
    // Rules and deadlines.
    ("[rules]\ndir = \"no-such-folder\"", &[(2, 7, "找不到规则文件夹")]),
    ("[rules]\npack = \"国家\"", &[(2, 8, "只能用小写字母")]),
    ("[deadlines]\nworking-days = 0", &[(2, 16, "1 至 250")]),
    // Mail asks for the office.
    (
        "[mail]\nhost='m.example'\nfrom='a@b.example'",
        &[
            (1, 1, "缺少必填项 [office] area"),
            (1, 1, "缺少必填项 [office] contact"),
            (1, 1, "缺少必填项 [office] phone"),
            (1, 1, "缺少必填项 [office] reply-to"),
            (1, 1, "缺少必填项 [office] signature"),
        ],
    ),
    // Many at once, in the order of the file.
    (
        "[crawl]\nrate-per-host = -1\nwindows = [\"x\"]\n[egress]\nallow-private = [\"x\"]\n[mail]\nport = 1.5\n[office]\narea = 1",
        &[
            (1, 2, "[crawl] contact"),
            (2, 17, "应大于 0"),
            (3, 12, "不是时间段"),
            (5, 18, "不是网段"),
            (6, 2, "[mail] from"),
            (6, 2, "[mail] host"),
            (7, 8, "应为整数"),
            (8, 2, "[office] contact"),
            (8, 2, "[office] phone"),
            (8, 2, "[office] reply-to"),
            (8, 2, "[office] signature"),
            (9, 8, "应为带引号的文本"),
        ],
    ),
];

#[test]
fn what_is_no_toml_file_of_ours() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("xuncha.toml");
    let fault = |path: &Path| Config::load(path).expect_err("no configuration").0.remove(0);
    assert!(fault(&path).message.contains("找不到该文件"));

    let (gbk, ..) = encoding_rs::GBK.encode("[office]\narea = \"甲乙\"\n");
    std::fs::write(&path, gbk).expect("written");
    let found = fault(&path);
    assert_eq!((found.line, found.column), (2, 9));
    assert!(found.message.contains("UTF-8"), "{found}");

    std::fs::File::create(&path).and_then(|file| file.set_len(100 << 20)).expect("a large file");
    assert!(fault(&path).message.contains("文件过大"));

    std::fs::write(&path, "\u{feff}[crawl]\r\ncontact = \"a@b.example\"\r\nrate-per-host = -1\r\n")
        .expect("written");
    let found = fault(&path);
    assert_eq!((found.line, found.column), (3, 17), "{found}");
}

/// What differs between the faults found and the faults wanted.
fn mismatch(path: &Path, text: &str, wanted: &[(u32, u32, &str)]) -> Option<String> {
    let Err(faults) = Config::load(path) else { return Some(format!("accepted: {text}")) };
    let same = faults.0.len() == wanted.len()
        && faults.0.iter().zip(wanted).all(|(fault, (line, column, part))| {
            (fault.line, fault.column) == (*line, *column) && fault.message.contains(part)
        });
    let shown = faults.to_string();
    (!same || shown.contains("hunter")).then(|| format!("{text}\nwanted {wanted:?}\nfound\n{shown}\n"))
}

fn mode(path: &Path, bits: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits)).expect("the mode is set");
}
