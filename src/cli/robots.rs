//! Work groups' robots: texts queued with an approval, and posted once.

use anyhow::Context as _;

use super::Failure;
use super::desk::{now, say};
use super::runtime;
use crate::config::valid::Config;
use crate::fetch::hook::{Posted, post};
use crate::mail::outbox::State;
use crate::mail::robot::{posts, taken};
use crate::report::wording::{one_line, shortened};
use crate::store::ledger::Ledger;
use crate::store::outbox::{HandedOver, Queued};

/// Queues `texts` for every robot of the configuration.
///
/// # Errors
/// [`Failure::Usage`] where there is none.
pub(super) fn queue(config: &Config, ledger: &Ledger, batch: &str, texts: &[String]) -> Result<(), Failure> {
    if config.webhooks.is_empty() {
        return Err(Failure::Usage("配置中没有 [[webhook]]，不能发到工作群".to_owned()));
    }
    if texts.is_empty() {
        say("没有可以发到工作群的提示文字。");
        return Ok(());
    }
    let text = texts.join("\n\n");
    let nothing = HandedOver::new();
    for hook in &config.webhooks {
        let queued = Queued {
            batch,
            unit: &hook.name,
            kind: "group",
            via: hook.robot.label(),
            subject: &text,
            issued: now().date_naive(),
            handed_over: &nothing,
            message: None,
        };
        ledger.outbox().queue(&queued, now()).context("发件箱")?;
    }
    Ok(())
}

/// Posts what waits for a robot. What was surely not taken waits on; what may have been taken is held for a person.
///
/// # Errors
/// As [`Failure`] tells; what a robot says is told, and is no error.
pub(super) fn post_waiting(config: &Config, ledger: &Ledger) -> Result<(), Failure> {
    let outbox = ledger.outbox();
    let copies = outbox.copies().context("发件箱")?;
    for copy in copies.iter().filter(|copy| copy.kind == "group" && copy.state == State::Waiting) {
        let Some(hook) = config.webhooks.iter().find(|hook| hook.name == copy.unit) else {
            say(&format!("工作群“{}”已不在配置中，未发送", copy.unit));
            continue;
        };
        let mut sent = 0;
        let mut trouble = None;
        for one in posts(hook, std::slice::from_ref(&copy.subject), now()) {
            let posted = runtime::block_on(async {
                Ok(post(&config.egress, one.url.expose(), one.body.clone()).await)
            })?;
            trouble = match posted {
                Posted::Answered(body) => taken(hook.robot, &body).err().map(|why| (why, false)),
                Posted::Refused(why) => Some((why, false)),
                Posted::Unknown(why) => Some((why, true)),
            };
            if trouble.is_some() {
                break;
            }
            sent += 1;
        }
        let label = hook.robot.label();
        match trouble {
            None => {
                outbox
                    .mark_by_hand(&copy.batch, &copy.unit, label, now().date_naive(), now())
                    .context("发件箱")?;
                outbox.set_recorded(copy.id).context("发件箱")?;
                say(&format!("已发到工作群“{}”（{label}，{sent} 条）", copy.unit));
            }
            Some((why, unknown)) => {
                let why = shortened(&one_line(&why), 300);
                // A part that arrived must not arrive again.
                if unknown || sent > 0 {
                    outbox.hold(copy.id, &why, now()).context("发件箱")?;
                }
                say(&format!("未能发到工作群“{}”（{label}）：{why}", copy.unit));
            }
        }
    }
    Ok(())
}
