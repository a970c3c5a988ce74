//! Malformed registers: each input with every fault it must yield, at its row and column.

use xuncha::registry::Registry;

use crate::registry::folder;

struct Case {
    /// Which file is replaced.
    file: &'static str,
    text: &'static str,
    /// Row, column, part of the message.
    wanted: &'static [(u32, u32, &'static str)],
}

#[test]
fn malformed_registers() {
    let mut mismatches = Vec::new();
    for Case { file, text, wanted } in CASES {
        let dir = folder();
        std::fs::write(dir.path().join(file), text).expect("written");
        let path = dir.path().join(file).display().to_string();
        let faults = match Registry::load(dir.path(), Some(&["empty-column", "stale-news-column"])) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.0,
        };
        let same = faults.len() == wanted.len()
            && faults.iter().zip(*wanted).all(|(fault, (row, column, part))| {
                fault.file == path
                    && (fault.line, fault.column) == (*row, *column)
                    && fault.message.contains(part)
            });
        if !same {
            let found: Vec<_> = faults.iter().map(ToString::to_string).collect();
            mismatches.push(format!("{text}\nwanted {wanted:?}\nfound\n{}\n", found.join("\n")));
        }
    }
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
    assert!(CASES.len() >= 60, "{}", CASES.len());
}

const CASES: &[Case] = &[
    // The file as a whole.
    Case { file: "units.csv", text: "", wanted: &[(1, 1, "文件是空的")] },
    Case {
        file: "units.csv",
        text: "甲,乙\n1,2\n",
        wanted: &[(1, 1, "找不到表头，前 20 行中应有一行写着：单位名称、类别")],
    },
    Case { file: "units.csv", text: "单位名称,类别\n", wanted: &[(1, 1, "没有任何单位")] },
    Case {
        file: "units.csv",
        text: "单位名称,级别\n示例市人民政府办公室,市本级\n",
        wanted: &[(1, 2, "缺少“类别”一列（英文表头 kind），“级别”是否就是它")],
    },
    Case {
        file: "units.csv",
        text: "# 说明\n\n单位名称,简称\n示例市人民政府办公室,市府办\n",
        wanted: &[(3, 1, "缺少“类别”一列")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,单位\n示例市人民政府办公室,市本级,x\n示例市交通运输局,部门,x\n示例县人民政府办公室,县区,x\n",
        wanted: &[(1, 3, "表头“单位名称”重复，第 1 列已是此项")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n",
        wanted: &[(1, 1, "没有任何网站")],
    },
    Case {
        file: "columns.csv",
        text: "网站标识码,栏目,网址\n9901000001,\"要闻,http://www.shili.example/yw/\n9901000001,公告,http://www.shili.example/gg/\n",
        wanted: &[(2, 2, "引号没有成对")],
    },
    // Units.
    Case {
        file: "units.csv",
        text: "单位名称,类别\n,部门\n示例市人民政府办公室,市本级\n示例市交通运输局,部门\n",
        wanted: &[(2, 1, "“单位名称”不能为空")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别\n示例市人民政府办公室,市本级\n示例市交通运输局,\n",
        wanted: &[(3, 2, "“类别”不能为空")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别\n示例市人民政府办公室,市本级\n示例市交通运输局,局\n",
        wanted: &[(3, 2, "“局”不在可用的值之内：市本级、县区、部门、直属机构、乡镇街道")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别\n示例市人民政府办公室,市本级\n示例市交通运输局,部 门\n",
        wanted: &[(3, 2, "您是否想写“部门”")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别\n示例市人民政府办公室,市本级\n示例市交通运输局,部门\n示例市人民政府办公室,市本级\n",
        wanted: &[(4, 1, "与第 2 行重复")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别\n\n示例市人民政府办公室,市本级\n\n\n示例市交通运输局,部门\n示例市交通运输局,部门\n",
        wanted: &[(7, 1, "与第 6 行重复")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别\n\"示例市\r\n人民政府办公室\",市本级\n示例市人民政府办公室,市本级\n示例市交通运输局,部门\n",
        wanted: &[(2, 1, "含有换行")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别\n示例市人民政府办公室,市本级\n示例市交通\0运输局,部门\n示例市交通运输局,部门\n",
        wanted: &[(3, 1, "含有控制字符 \\u{0}")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别\n示例市人民政府办公室,市本级\n示例市\u{202e}交通运输局,部门\n示例市交通运输局,部门\n",
        wanted: &[(3, 1, "含有控制字符 \\u{202e}")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,联络员\n示例市人民政府办公室,市本级,\"李某某\nBcc: x@y.example\"\n示例市交通运输局,部门,\n",
        wanted: &[(2, 3, "“联络员”含有换行")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,上级主管单位\n示例市人民政府办公室,市本级,\n示例市交通运输局,部门,示例市人民政府办公厅\n",
        wanted: &[(3, 3, "不在单位登记表中，您是否想写“示例市人民政府办公室”")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,上级主管单位\n示例市人民政府办公室,市本级,示例市交通运输局\n示例市交通运输局,部门,示例市人民政府办公室\n",
        wanted: &[(2, 3, "成了循环：示例市人民政府办公室 → 示例市交通运输局 → 示例市人民政府办公室")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,上级主管单位\n示例市人民政府办公室,市本级,\n示例市交通运输局,部门,示例市交通运输局\n",
        wanted: &[(3, 3, "成了循环")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,上级主管单位\n示例市人民政府办公室,市本级,甲\n示例市交通运输局,部门,乙\n甲,部门,乙\n乙,部门,甲\n",
        wanted: &[(4, 3, "成了循环：甲 → 乙 → 甲")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,简称,上级主管单位\n示例市人民政府办公室,市本级,府办,\n示例市交通运输局,部门,府办,\n示例县教育局,部门,,府办\n",
        wanted: &[(4, 4, "简称“府办”对应多个单位")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,邮箱\n示例市人民政府办公室,市本级,zwgk\n示例市交通运输局,部门,\n",
        wanted: &[(2, 3, "“zwgk”不是邮箱地址")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,邮箱\n示例市人民政府办公室,市本级,ａ＠shili.example\n示例市交通运输局,部门,\n",
        wanted: &[(2, 3, "全角")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,邮箱,抄送\n示例市人民政府办公室,市本级,a@shili.example,b@shili.example；坏地址；c@\n示例市交通运输局,部门,,\n",
        wanted: &[(2, 4, "“c@”不是正确的邮箱地址"), (2, 4, "“坏地址”不是邮箱地址")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,邮箱,送达方式\n示例市人民政府办公室,市本级,,邮件\n示例市交通运输局,部门,,\n",
        wanted: &[(2, 3, "“邮箱”不能为空：送达方式是邮件")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,送达方式\n示例市人民政府办公室,市本级,微信\n示例市交通运输局,部门,\n",
        wanted: &[(2, 3, "邮件、公文交换、线下")],
    },
    Case {
        file: "units.csv",
        text: "单位名称,类别,排序\n示例市人民政府办公室,市本级,第一\n示例市交通运输局,部门,-1\n",
        wanted: &[(2, 3, "“第一”不是序号"), (3, 3, "“-1”不是序号")],
    },
    Case {
        file: "units.csv",
        text: "name,kind,mail\n示例市人民政府办公室,city,x\n示例市交通运输局,department,\n",
        wanted: &[(2, 3, "“邮箱”：“x”不是邮箱地址")],
    },
    // Sites.
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,990100000,http://a.example/,门户,市政府办\n乙,9901000001,http://b.example/,门户,市政府办\n",
        wanted: &[(2, 2, "“990100000”不是网站标识码，应为 10 位数字")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9.901E+09,http://a.example/,门户,市政府办\n乙,9901000001,http://b.example/,门户,市政府办\n",
        wanted: &[(2, 2, "科学计数法")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,bm1700000,http://a.example/,门户,市政府办\n乙,9901000001,http://b.example/,门户,市政府办\n",
        wanted: &[(2, 2, "不是网站标识码")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://a.example/,门户,市政府办\n乙,9901000001,http://b.example/,门户,市政府办\n",
        wanted: &[(3, 2, "9901000001 与第 2 行重复")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://a.example/,门户,市政府办\n乙,BM17000009,http://b.example/,门户,市政府办\n丙,bm17000009,http://c.example/,门户,市政府办\n",
        wanted: &[(4, 2, "与第 3 行重复")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://a.example/,门户,市政府办\n甲,9901000002,http://b.example/,门户,市政府办\n",
        wanted: &[(3, 1, "“甲”与第 2 行重复")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,www.shili.example,门户,市政府办\n",
        wanted: &[(2, 3, "您是否想写“http://www.shili.example”")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,ftp://a.example/,门户,市政府办\n",
        wanted: &[(2, 3, "应以 http:// 或 https:// 开头")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://a .example/,门户,市政府办\n",
        wanted: &[(2, 3, "中间有空格")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://u:p@a.example/,门户,市政府办\n",
        wanted: &[(2, 3, "不能含用户名或密码")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://a.example:99999/,门户,市政府办\n",
        wanted: &[(2, 3, "端口不对")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,,门户,市政府办\n",
        wanted: &[(2, 3, "“首页网址”不能为空")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://a.example/,论坛,市政府办\n",
        wanted: &[(2, 4, "政府门户网站、部门网站、专项网站、部门频道")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://a.example/,门户,市交通运输局\n",
        wanted: &[(2, 5, "单位“市交通运输局”不在单位登记表中，您是否想写“示例市交通运输局”")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位\n甲,9901000001,http://a.example/,门户,\n",
        wanted: &[(2, 5, "“主办单位”不能为空")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位,主管单位,承办单位,运维单位\n甲,9901000001,http://a.example/,门户,市政府办,天上,地下,海里\n",
        wanted: &[(2, 6, "“天上”不在单位登记表中"), (2, 7, "“地下”"), (2, 8, "“海里”")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位,状态\n甲,9901000001,http://a.example/,门户,市政府办,关闭\n",
        wanted: &[(2, 6, "正常运行、申请关停、关停公告中、已关停")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位,范围,遵守robots\n甲,9901000001,http://a.example/,门户,市政府办,b.example；/zwgk/,看情况\n",
        wanted: &[(2, 6, "“/zwgk/”应写成 主机名"), (2, 7, "“看情况”不在可用的值之内：是、否")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型\n甲,9901000001,http://a.example/,门户\n",
        wanted: &[(1, 1, "缺少“主办单位”一列（英文表头 host-unit）")],
    },
    // Columns.
    Case {
        file: "columns.csv",
        text: "网站标识码,栏目,网址\n9901000009,要闻,http://www.shili.example/yw/\n",
        wanted: &[(2, 1, "标识码 9901000009 不在网站登记表中，您是否想写“9901000001”")],
    },
    Case {
        file: "columns.csv",
        text: "网站名称,栏目,网址\n示例市门户网站,要闻,http://www.shili.example/yw/\n",
        wanted: &[(2, 1, "网站“示例市门户网站”不在网站登记表中，您是否想写“示例市人民政府门户网站”")],
    },
    Case {
        file: "columns.csv",
        text: "栏目,网址\n要闻,http://www.shili.example/yw/\n",
        wanted: &[(2, 1, "请填网站标识码或网站名称")],
    },
    Case {
        file: "columns.csv",
        text: "网站标识码,网站名称,栏目,网址\n9901000001,示例市交通运输局,要闻,http://www.shili.example/yw/\n",
        wanted: &[(2, 2, "与同一行的标识码 9901000001 不是同一个网站")],
    },
    Case {
        file: "columns.csv",
        text: "网站标识码,栏目,网址\n9901000001,要闻,/yw/\n",
        wanted: &[(2, 3, "不是网址")],
    },
    Case {
        file: "columns.csv",
        text: "网站标识码,栏目,网址\n9901000001,要闻,http://www.shili.example/yw/\n9901000001,动态,http://www.shili.example/yw/\n",
        wanted: &[(3, 3, "与第 2 行是同一个栏目")],
    },
    Case {
        file: "columns.csv",
        text: "网站标识码,栏目,网址,类别,级,更新周期,内容保障单位\n9901000001,要闻,http://www.shili.example/yw/,新鲜事,零级,经常,市教育局\n",
        wanted: &[
            (2, 4, "动态要闻、通知公告"),
            (2, 5, "不是栏目级别"),
            (2, 6, "不是更新周期"),
            (2, 7, "“市教育局”不在单位登记表中"),
        ],
    },
    Case {
        file: "columns.csv",
        text: "网站标识码,栏目,网址\n,,\n9901000001,,http://www.shili.example/yw/\n",
        wanted: &[(3, 2, "“栏目”不能为空")],
    },
    Case {
        file: "columns.csv",
        text: "网站标识码;栏目;网址\n9901000001;要闻;x\n",
        wanted: &[(2, 3, "“x”不是网址")],
    },
    Case {
        file: "columns.csv",
        text: "网站标识码,栏目,网址,更新周期\n9901000001,\"要闻\n（一）\",http://www.shili.example/yw/,14天\n9901000001,公告,http://www.shili.example/gg/,0\n",
        wanted: &[(2, 2, "含有换行"), (3, 4, "“0”不是更新周期")],
    },
    // Exemptions.
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期至\nempty-colum,9901000001,改版,2026-12-31\n",
        wanted: &[(2, 1, "没有名为“empty-colum”的规则，您是否想写“empty-column”")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期至\nempty-column,9901000009,改版,2026-12-31\n",
        wanted: &[(2, 2, "不在网站登记表中")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期至\nempty-column,要闻,改版,2026-12-31\n",
        wanted: &[(2, 2, "应是网站标识码，或以 http:// 开头的网址")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期至\nempty-column,http://*.shili.example/a*,改版,2026-12-31\n",
        wanted: &[(2, 2, "* 只能写在网址末尾")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期至\nempty-column,9901000001,,2026-12-31\n",
        wanted: &[(2, 3, "“理由”不能为空")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期至\nempty-column,9901000001,改版,2026-02-30\nempty-column,9901000002,改版,年底\n",
        wanted: &[(2, 4, "“2026-02-30”这一天不存在"), (3, 4, "“年底”不是日期")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期至\nempty-column,9901000001,改版,\n",
        wanted: &[(2, 4, "“有效期至”不能为空")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期至\nempty-column,9901000001,改版,2026-12-31\nempty-column,9901000001,又改版,2027-12-31\n",
        wanted: &[(3, 2, "与第 2 行重复")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期自,有效期至\nempty-column,9901000001,改版,2026-12-10,2026-12-09\nempty-column,9901000002,改版,下月,2026-12-31\n",
        wanted: &[(2, 5, "“有效期至”：2026-12-09 早于“有效期自”2026-12-10"), (3, 4, "“下月”不是日期")],
    },
    Case {
        file: "exemptions.csv",
        text: "rule,target,reason,until,from\nempty-column,9901000001,改版,2026-12-09,2026-12-10\nempty-column,9901000002,改版,2026-12-09,2026-02-30\n",
        wanted: &[(2, 4, "早于“有效期自”2026-12-10"), (3, 5, "“2026-02-30”这一天不存在")],
    },
    Case {
        file: "exemptions.csv",
        text: "规则,对象,理由,有效期自,有效期至\n全部,9901000001,搬迁,2026-12-01,2026-12-05\n*,9901000001,又搬迁,2026-12-05,2026-12-08\n全部,9901000001,再搬迁,2026-12-09,2026-12-09\n",
        wanted: &[(3, 2, "与第 2 行重复，有效期重叠")],
    },
    Case {
        file: "sites.csv",
        text: "网站名称,网站标识码,首页网址,类型,主办单位,状态\n示例市人民政府门户网站,9901000001,http://www.shili.example/,政府门户网站,示例市人民政府办公室,临时下线\n示例市交通运输局,9901000002,http://jtj.shili.example/,部门网站,示例市交通运输局,正常运行\n",
        wanted: &[(2, 6, "在 exemptions 中写一行（全部,网站标识码,理由,有效期自,有效期至）")],
    },
    Case {
        file: "public-reports.csv",
        text: "网站,编号,收到日期,答复日期\n9901000001,ZC-1,2026-11-02,2026-11-01\n9901000001,ZC-1,昨天,\n示例省网站,ZC-3,2026-11-02,\n",
        wanted: &[
            (2, 4, "早于收到日期"),
            (3, 3, "“昨天”不是日期"),
            (4, 1, "网站“示例省网站”不在网站登记表中"),
        ],
    },
    Case {
        file: "public-reports.csv",
        text: "网站,编号,收到日期\n9901000001,ZC-1,2026-11-02\n9901000001,ZC-1,2026-11-03\n",
        wanted: &[(3, 2, "与第 2 行重复")],
    },
];
