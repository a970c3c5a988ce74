//! `xuncha notify --export`: what is carried by hand, one folder a unit, with the 送达登记表.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;

use super::desk::{now, say, write_new};
use super::pdf::Printer;
use super::{Failure, evidence, notify};
use crate::config::valid::Config;
use crate::mail::compose::Templates;
use crate::mail::letters::{Letter, delivery_label};
use crate::mail::outbox::State;
use crate::mail::{official, preview};
use crate::registry::Delivery;
use crate::report::render::sheets::{Sheet, sheets};
use crate::report::wording::batch_title;
use crate::store::ledger::Ledger;

/// What is exported.
pub(super) struct Parcel<'a> {
    /// Where to.
    pub(super) dir: &'a Path,
    /// Where the databases are: the evidence lies there.
    pub(super) state_dir: &'a Path,
    /// The letters of the batch.
    pub(super) letters: &'a [Letter],
    /// The batch.
    pub(super) batch: &'a str,
    /// Makes PDF of the letters too, where wanted.
    pub(super) printer: Option<&'a Printer>,
}

/// Writes the folders of all letters that do not go by mail, or that mail could not deliver, and queues them for their
/// delivery to be entered.
///
/// # Errors
/// As [`Failure`] tells.
pub(super) fn export(
    config: &Config,
    templates: &Templates,
    ledger: &mut Ledger,
    parcel: &Parcel<'_>,
) -> Result<(), Failure> {
    let copies = ledger.outbox().copies().context("发件箱")?;
    let stuck: BTreeSet<(&str, &str)> = copies
        .iter()
        .filter(|copy| copy.batch == parcel.batch && matches!(copy.state, State::Rejected | State::Held))
        .map(|copy| (copy.unit.as_str(), copy.kind.as_str()))
        .collect();
    let by_hand: Vec<Letter> = parcel
        .letters
        .iter()
        .filter(|letter| {
            letter.delivery != Delivery::Mail
                || config.mail.is_none()
                || stuck.contains(&(letter.unit.as_str(), letter.kind.word()))
        })
        .map(|letter| {
            let delivery =
                if letter.delivery == Delivery::Mail { Delivery::Exchange } else { letter.delivery };
            Letter { delivery, to: None, cc: Vec::new(), ..letter.clone() }
        })
        .collect();
    if by_hand.is_empty() {
        say("本批次的信函都经邮件发送，没有需要导出的发送包。");
        return Ok(());
    }
    let folders = preview::parcels(parcel.dir, &by_hand, templates, config)?;
    if let Some(printer) = parcel.printer {
        for (letter, folder) in by_hand.iter().zip(&folders) {
            let written = templates.write(letter, config)?;
            let bytes = printer.pdf(&official::paper(letter, &written))?;
            write_new(&folder.join("正文.pdf"), &bytes, true)?;
        }
    }
    let mut proofs = 0;
    for (letter, folder) in by_hand.iter().zip(&folders) {
        for row in letter.lists.iter().flat_map(|list| list.rows.iter().chain(&list.hints)) {
            // What is sensitive is shown to nobody but its unit, and not in copies of pages.
            if row.sensitive {
                continue;
            }
            let case = ledger.case(&row.number)?;
            proofs += evidence::write(&case, parcel.state_dir, &folder.join("佐证").join(&row.number))?.len();
        }
        notify::queue(ledger, letter, templates, config)?;
    }
    write_new(&parcel.dir.join("送达登记表.xlsx"), &receipts(&by_hand, parcel.batch)?, true)?;
    say(&format!(
        "批次 {}：{} 个发送包、佐证文件 {proofs} 个和送达登记表已写入 {}（尚未登记为已送达）",
        parcel.batch,
        by_hand.len(),
        parcel.dir.display()
    ));
    say(&format!(
        "送达后登记，整改时限自登记起执行：xuncha notify --mark-sent 单位或 {} --via 公文交换 --date 送达日期 --by 姓名",
        parcel.batch
    ));
    Ok(())
}

fn receipts(letters: &[Letter], batch: &str) -> Result<Vec<u8>, Failure> {
    const HEADINGS: [(&str, f64); 9] = [
        ("序号", 6.0),
        ("单位", 30.0),
        ("文书", 18.0),
        ("问题数", 8.0),
        ("反馈截止", 12.0),
        ("送达方式", 12.0),
        ("送达日期", 12.0),
        ("签收人", 14.0),
        ("备注", 24.0),
    ];
    let rows = (1..)
        .zip(letters)
        .map(|(n, letter): (usize, _)| {
            vec![
                n.to_string(),
                letter.unit.clone(),
                letter.kind.label().to_owned(),
                letter.total().to_string(),
                letter.due().map(|due| due.to_string()).unwrap_or_default(),
                delivery_label(letter.delivery).to_owned(),
                String::new(),
                String::new(),
                String::new(),
            ]
        })
        .collect();
    let title = format!("送达登记表（{}）", batch_title(batch));
    let issued = letters.first().map_or_else(|| now().date_naive(), |letter| letter.issued);
    let head = format!("共{}件    送达后请填写送达日期和签收人，并在系统中登记", letters.len());
    let sheet = Sheet { name: "送达登记表", title: &title, head: &head, headings: &HEADINGS, rows };
    Ok(sheets(&title, issued, &[sheet]).map_err(anyhow::Error::from)?)
}
