//! Tests of the finder on small lists, and of the shipped lists.

use super::files::{List, WordFiles};
use super::{Asked, Clean, Tier, Words};

fn words(lists: &[(List, &str)]) -> Words {
    let files = lists.iter().fold(WordFiles::default(), |files, (list, text)| {
        files.with(*list, &format!("words/{}.tsv", list.name()), (*text).to_owned())
    });
    Words::load(&files).expect("lists without faults")
}

fn told(words: &Words, text: &str) -> Vec<(usize, String, String, &'static str)> {
    words
        .find(text, Tier::Context)
        .into_iter()
        .map(|hit| (hit.start, hit.wrong, hit.right, hit.rule))
        .collect()
}

#[test]
fn forms_are_found_wherever_they_stand_and_exceptions_hold() {
    let words = words(&[
        (List::Never, "部暑\t部署\n己经\t已经\t自*营\n"),
        (List::Context, "登陆\t登录\t*作战 台风*\n"),
        (List::Style, "其它\t其他\n"),
    ]);
    assert_eq!(told(&words, "部暑，再部暑").iter().map(|hit| hit.0).collect::<Vec<_>>(), [0, 4]);
    assert_eq!(told(&words, "本人己经办理")[0].2, "已经");
    for right in ["自己经营", "登陆作战", "台风登陆", "其它", "", "部", "署部"] {
        assert_eq!(told(&words, right), [], "{right}");
    }
    assert_eq!(words.find("其它", Tier::Style)[0].tier, Tier::Style);
}

#[test]
fn one_character_of_a_fixed_expression_may_be_wrong_anywhere() {
    let words = words(&[
        (List::Sounds, "ren\t任认人\nyi\t已以议易\nlian\t联练\nxi\t席习\nzi\t资自\nzhi\t志\nyuan\t源愿\n"),
        (List::Shapes, "刑型\n治冶\n"),
        (List::Terms, "追究刑事责任\n联席会议制度\n社会治理\n志愿服务\n"),
    ]);
    for (text, wrong) in [
        ("依法追究刑事责认的", "追究刑事责认"),
        ("依法追究型事责任的", "追究型事责任"),
        ("建立练习会议制度", "练习会议制度"),
        ("加强社会冶理", "社会冶理"),
    ] {
        let hits = told(&words, text);
        assert_eq!(hits.iter().map(|hit| hit.1.as_str()).collect::<Vec<_>>(), [wrong], "{text}");
    }
    // Right; too far off; two that only sound alike; a character of grammar.
    for right in ["追究刑事责任", "追究民事责任", "人力资源服务", "社会的治理", "追究"]
    {
        assert_eq!(told(&words, right), [], "{right}");
    }
}

#[test]
fn a_word_counts_only_beside_a_known_one() {
    let words = words(&[(List::Near, "责任\t择泽\t\n履行\t\t\n落实\t\t\n")]);
    let tier = |text: &str| words.find(text, Tier::Context).first().map(|hit| hit.tier);
    assert_eq!(tier("履行择任。"), Some(Tier::Context));
    assert_eq!(tier("履行择任落实"), Some(Tier::Context));
    assert_eq!(tier("履行择任某某"), Some(Tier::Context));
    assert_eq!(tier("选择任务"), None);
    assert_eq!(tier("择任"), None);
}

#[test]
fn the_end_of_a_word_and_the_beginning_of_the_next_are_no_word() {
    let words = words(&[(List::Near, "标记\t\t计\n招标\t\t\n计划\t\t\n目录\t\t\n")]);
    assert_eq!(words.find("目录招标计划目录", Tier::Context), []);
    assert_eq!(words.find("目录标计目录", Tier::Context).len(), 1);
}

#[test]
fn what_is_talked_about_and_names_are_kept_apart() {
    let words = words(&[(List::Never, "关健\t关键\n部暑\t部署\n")]);
    for apart in
        ["将“部暑”改为“部署”", "应为“部署”，误写成“全面部暑工作”", "获奖者：关健、李红", "姓名 关健 性别"]
    {
        assert_eq!(told(&words, apart), [], "{apart}");
    }
    for wrong in ["关健环节", "“全面部暑工作会议”召开", "部暑", "抓住关健。"] {
        assert_eq!(told(&words, wrong).len(), 1, "{wrong}");
    }
}

#[test]
fn places_overlap_never_and_are_counted_in_characters() {
    let words = words(&[(List::Never, "安全生产责认\t安全生产责任\n责认\t责任\n")]);
    let hits = words.find("😀a落实安全生产责认制", Tier::Context);
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].start, hits[0].len, hits[0].at), (4, 6, "😀a落实".len()));
}

#[test]
fn lists_are_asked_together_and_keep_apart() {
    let words = words(&[
        (List::Sounds, "fu\t府付\n"),
        (List::Terms, "人民政府\n"),
        (List::Never, "部暑\t部署\n"),
        (List::Forbidden, "民政\t\t*局\n旧称谓\t\n"),
    ]);
    let asked = Asked { typos: Some(Tier::Context), forbidden: true, superseded: false };
    let told = |text: &str| -> Vec<(&'static str, String)> {
        words.look(text, asked).into_iter().map(|hit| (hit.rule, hit.wrong)).collect()
    };
    // What is right for typos does not hide what an office forbids; its own exceptions do.
    assert_eq!(told("人民政府"), [("forbidden", "民政".to_owned())]);
    assert_eq!(told("民政局"), []);
    let hits = words.look("部暑旧称谓，人民政付部暑", asked);
    let places: Vec<_> = hits.iter().map(|hit| (hit.rule, hit.start)).collect();
    assert_eq!(places, [("never", 0), ("terms", 6), ("never", 10), ("forbidden", 2), ("forbidden", 7)]);
    assert!(words.look("旧称谓", Asked { forbidden: false, ..asked }).is_empty());
}

#[test]
fn two_characters_that_sound_the_same_may_be_wrong_at_either_end() {
    let words = words(&[
        (List::Sounds, "lian\t联练\nxi\t席习\nxin\t信心\nxi\t息细\nkai\t开\nbu\t部步\nshu\t署熟\n"),
        (List::Terms, "联席会议\n信息公开\n工作部署\n"),
    ]);
    for text in ["练习会议", "政府心细公开", "工作步熟"] {
        assert_eq!(words.find(text, Tier::Never).len(), 1, "{text}");
    }
    assert_eq!(words.find("练会议席", Tier::Never), []);
}

#[test]
fn a_word_of_two_characters_hides_no_fixed_expression() {
    let words = words(&[
        (List::Sounds, "ji\t技级\n"),
        (List::Terms, "科技成果转化\n"),
        (List::Near, "科技\t\t级\n成果\t\t\n"),
        (List::Right, "科级\n"),
    ]);
    assert_eq!(words.find("科级成果转化", Tier::Never).len(), 1);
    assert_eq!(words.find("科级成果。", Tier::Context), []);
}

#[test]
fn a_text_of_nothing_but_hits_is_looked_through_once() {
    let words = words(&[(List::Never, "部暑\t部署\n")]);
    let hits = words.find(&"部暑".repeat(60_000), Tier::Context);
    assert_eq!((hits.len(), hits.last().map(|hit| hit.start)), (60_000, Some(119_998)));
}

#[test]
fn an_offices_own_row_takes_the_place_of_a_shipped_one() {
    let files = WordFiles::default()
        .with(List::Never, "a", "渡假\t度假\n".to_owned())
        .with(List::Context, "b", "渡假\t度假\t*村\n".to_owned())
        .with(List::Right, "c", "渡假山庄\n".to_owned());
    let words = Words::load(&files).expect("lists");
    assert_eq!(words.find("去渡假", Tier::Context)[0].tier, Tier::Context);
    assert!(words.find("渡假村，渡假山庄", Tier::Context).is_empty());
}

#[test]
fn all_faults_are_told_with_their_places() {
    let files = WordFiles::default()
        .with(
            List::Never,
            "words/never.tsv",
            "# 注释\n\n部暑\n部\t部署\n同\u{3000}\t x\n一样\t一样\n甲乙\t丙丁\t戊己\n".to_owned(),
        )
        .with(List::Terms, "words/terms.tsv", "三个字\n".to_owned());
    let faults = Words::load(&files).expect_err("faults").to_string();
    let places: Vec<&str> = faults.lines().map(|line| line.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(
        places,
        [
            "words/never.tsv:3:4",
            "words/never.tsv:4:1",
            "words/never.tsv:5:1",
            "words/never.tsv:6:4",
            "words/never.tsv:7:7",
            "words/terms.tsv:1:1",
        ],
        "{faults}"
    );
}

#[test]
fn the_shipped_lists_know_the_commonest_typos_and_leave_right_texts_alone() {
    let words = Words::shipped().expect("the shipped lists");
    for (text, right) in [
        ("会议部暑了任务", "部署"),
        ("攻府信息", "政府"),
        ("中华人民共合国", "中华人民共和国"),
        ("依法追究刑事责认", "追究刑事责任"),
        ("扫黑险恶", "扫黑除恶"),
        ("倍受青睐", "备受青睐"),
        ("一但发生", "一旦"),
        ("秸杆禁烧", "秸秆"),
        ("请登陆系统填报", "登录系统"),
    ] {
        let hits = words.find(text, Tier::Context);
        assert!(hits.iter().any(|hit| hit.right.contains(right)), "{text}: {hits:?}");
    }
    for text in [
        "台风登陆后，各部门按照职责分工做好防范应对。",
        "利用职务便利，自己经营或者为他人经营与所任职公司同类的营业。",
        "人力资源服务机构应当依法经营，由监察机关责令改正。",
        "加快相关健康教育工作，宣传传统村落保护的知识。",
    ] {
        assert_eq!(words.find(text, Tier::Context), [], "{text}");
    }
}

#[test]
fn a_line_that_was_looked_through_hides_nothing_of_others() {
    let words = words(&[(List::Never, "部暑\t部署\n关健\t关键\n"), (List::Forbidden, "内部资料\t\n")]);
    let typos = Asked { typos: Some(Tier::Context), ..Asked::default() };
    let all = Asked { forbidden: true, ..typos };
    let mut clean = Clean::default();
    let texts = [
        "标题\n主办：示例市交通局",
        "标题\n全面部暑\n主办：示例市交通局",
        "内部资料\n主办：示例市交通局",
        "将“部暑”改为“部署”\n获奖者：关健、李红\n关健环节\n部暑\n",
        "误写如下：\n“全面部暑工作”",
        "",
    ];
    for asked in [typos, all, typos, all] {
        for text in texts {
            assert_eq!(words.look_anew(text, asked, &mut clean), words.look(text, asked), "{asked:?} {text}");
        }
    }
}
