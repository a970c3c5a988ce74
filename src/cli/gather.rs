//! What the papers of a period are made from, gathered from ledger and register: shared by `report`, `spot-check` and `export`.

use chrono::{Datelike as _, NaiveDate};

use super::desk::now;
use super::installed::Installed;
use super::{Failure, asked};
use crate::inspection::draw::Draw;
use crate::inspection::period::{Period, Span};
use crate::inspection::standing::{Ruling, Standing};
use crate::inspection::{Member, members};
use crate::ledger::event::Event;
use crate::report::figures::{Figures, Inspection, Source};
use crate::report::letterhead::Letterhead;
use crate::store::ledger::Ledger;

/// Which period is meant.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(multiple = false)]
pub(super) struct Which {
    /// 季度，如 2026Q4
    #[arg(long, value_name = "2026Q4", value_parser = of_span(Span::Quarter))]
    quarter: Option<Period>,
    /// 半年，如 2026H2
    #[arg(long, value_name = "2026H2", value_parser = of_span(Span::Half))]
    half: Option<Period>,
    /// 月份，如 2026-11
    #[arg(long, value_name = "2026-11", value_parser = of_span(Span::Month))]
    month: Option<Period>,
    /// 年度，如 2026
    #[arg(long, value_name = "2026", value_parser = of_span(Span::Year))]
    year: Option<Period>,
}

impl Which {
    /// The period that was named.
    pub(super) fn named(&self) -> Option<Period> {
        self.quarter.or(self.half).or(self.month).or(self.year)
    }

    /// The period that was named, otherwise the one of this span in which `day` lies.
    ///
    /// # Errors
    /// [`Failure::Usage`] where another span was named.
    pub(super) fn of(&self, span: Span, day: NaiveDate) -> Result<Period, Failure> {
        match self.named() {
            Some(period) if period.span() == span => Ok(period),
            Some(period) => Err(Failure::Usage(format!("“{period}”不是这种文书的期次"))),
            None => Ok(Period::of(span, day)),
        }
    }

    /// The quarter or half-year that was named.
    ///
    /// # Errors
    /// [`Failure::Usage`] where none was.
    pub(super) fn drawn(&self) -> Result<Period, Failure> {
        self.quarter
            .or(self.half)
            .ok_or_else(|| Failure::Usage("请用 --quarter 2026Q4 或者 --half 2026H2 写明期次".to_owned()))
    }
}

fn of_span(span: Span) -> impl Fn(&str) -> Result<Period, String> + Clone {
    move |text| {
        let period: Period = text.parse()?;
        if period.span() == span { Ok(period) } else { Err(format!("“{text}”不是这种期次")) }
    }
}

/// All of it, owned.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The period's inspection.
    pub(super) inspection: Inspection,
    /// Earlier ones of the same span, oldest first.
    pub(super) earlier: Vec<Inspection>,
    /// Standings of all their windows.
    pub(super) standings: Vec<Standing>,
    /// All rulings, behind those that follow from what persons answered.
    pub(super) rulings: Vec<Ruling>,
    /// Every history.
    pub(super) histories: Vec<Vec<Event>>,
    /// The lists in force.
    pub(super) draws: Vec<Draw>,
    /// Problems count up to the end of this day.
    pub(super) cutoff: NaiveDate,
}

/// Earlier inspections that a chart shows.
const EARLIER: usize = 7;

impl Gathered {
    /// Gathers for `period`. A quarter and a half-year stand on their drawn list; a month and a year on the whole register.
    /// `window` overrides the days of the check.
    ///
    /// # Errors
    /// [`Failure::Usage`] where a list has to be drawn first; otherwise as the ledger fails.
    pub(super) fn of(
        installed: &Installed,
        ledger: &Ledger,
        period: Period,
        window: (Option<NaiveDate>, Option<NaiveDate>),
        on: NaiveDate,
    ) -> Result<Self, Failure> {
        let draws = ledger.draws()?;
        let cutoff = period.last_day().min(on);
        let registered = members(&installed.files.registry);
        let mut inspection = match draws.iter().find(|draw| draw.period == period) {
            Some(draw) => Inspection::drawn(draw),
            None if matches!(period.span(), Span::Quarter | Span::Half) => {
                let which = if period.span() == Span::Half { "half" } else { "quarter" };
                return Err(Failure::Usage(format!(
                    "{}还没有抽查名单，请先运行：xuncha spot-check draw --{which} {period} --by 姓名 --out 目录",
                    period.label()
                )));
            }
            None => Inspection::whole(period, (period.first_day(), cutoff), registered.clone()),
        };
        let (from, to) = window;
        inspection.window = (from.unwrap_or(inspection.window.0), to.unwrap_or(inspection.window.1));
        if inspection.window.0 > inspection.window.1 {
            return Err(Failure::Usage("--from 晚于 --to".to_owned()));
        }
        let mut earlier = earlier(period, &draws, &registered);
        let first = earlier.iter().chain([&inspection]).map(|one| one.window.0).min().unwrap_or(cutoff);
        let last = earlier.iter().chain([&inspection]).map(|one| one.window.1).max().unwrap_or(cutoff);
        let standings = ledger.standings(first, last)?;
        // A month in which nothing was looked at is no point of a chart.
        earlier.retain(|one| {
            let (from, to) = one.window;
            standings.iter().any(|standing| (from..=to).contains(&standing.at.date_naive()))
        });
        // A ruling on the indicator itself comes after what follows from answers, and so outweighs it.
        let mut rulings = asked::rulings(installed, ledger, earlier.iter().chain([&inspection]))?;
        rulings.extend(ledger.rulings()?);
        for ruling in &mut rulings {
            let indicator = installed.rules.indicators.iter().find(|known| known.id == ruling.indicator);
            ruling.title = indicator.map(|known| known.title.clone()).unwrap_or_default();
        }
        Ok(Self {
            inspection,
            earlier,
            standings,
            rulings,
            histories: ledger.all_histories()?,
            draws,
            cutoff,
        })
    }

    /// The source of figures.
    pub(super) fn source<'a>(&'a self, installed: &'a Installed) -> Source<'a> {
        Source {
            registry: &installed.files.registry,
            inspection: &self.inspection,
            earlier: &self.earlier,
            standings: &self.standings,
            rulings: &self.rulings,
            histories: &self.histories,
            cutoff: self.cutoff,
        }
    }

    /// The figures.
    pub(super) fn figures(&self, installed: &Installed) -> Figures {
        Figures::of(&self.source(installed))
    }

    /// What is inspected.
    pub(super) fn inspected(&self) -> Vec<&Member> {
        self.inspection.picked.iter().map(|(member, _)| member).collect()
    }
}

/// Whose papers they are; refuses to print any without a name.
pub(super) fn letterhead(installed: &Installed, on: NaiveDate) -> Result<Letterhead<'_>, Failure> {
    let config = &installed.files.config;
    let office = &config.office;
    for (value, key) in [
        (&office.area, "area"),
        (&office.signature, "signature"),
        (&office.contact, "contact"),
        (&office.phone, "phone"),
    ] {
        if value.is_empty() {
            return Err(Failure::Usage(format!("配置 [office] 缺少“{key}”，填写后才能生成文书")));
        }
    }
    Ok(Letterhead { office, papers: &config.papers, issued: on })
}

/// Today, or the day that was asked for.
pub(super) fn day(on: Option<NaiveDate>) -> NaiveDate {
    on.unwrap_or_else(|| now().date_naive())
}

fn earlier(period: Period, draws: &[Draw], registered: &[Member]) -> Vec<Inspection> {
    let mut found: Vec<Inspection> = match period.span() {
        Span::Quarter | Span::Half => draws
            .iter()
            .filter(|draw| draw.period.span() == period.span() && draw.period < period)
            .map(Inspection::drawn)
            .collect(),
        // The register as it was at the end of the year before.
        Span::Year => {
            let before = |draw: &&Draw| draw.window.1.year() < period.year();
            draws
                .iter()
                .filter(before)
                .max_by_key(|draw| draw.window.1)
                .map(Inspection::drawn)
                .into_iter()
                .collect()
        }
        Span::Month => {
            let mut months = vec![period.before()];
            while months.len() < EARLIER {
                months.extend(months.last().map(|month| month.before()));
            }
            let whole = |month: Period| {
                Inspection::whole(month, (month.first_day(), month.last_day()), registered.to_vec())
            };
            months.into_iter().rev().map(whole).collect()
        }
    };
    let extra = found.len().saturating_sub(EARLIER);
    found.drain(..extra);
    found
}
