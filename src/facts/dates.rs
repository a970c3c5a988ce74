//! Dates as Chinese pages write them, and the choice of the one a reader would call the publication date.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A date as a page states it, with the time of day where it states one. Serialised as
/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS`, in +08:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The day.
    pub date: NaiveDate,
    /// The time of day.
    pub time: Option<NaiveTime>,
    /// Whether the time was given to the second.
    pub seconds: bool,
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.date.format("%Y-%m-%d"))?;
        match (self.time, self.seconds) {
            (Some(time), true) => write!(f, " {}", time.format("%H:%M:%S")),
            (Some(time), false) => write!(f, " {}", time.format("%H:%M")),
            (None, _) => Ok(()),
        }
    }
}

impl std::str::FromStr for Stamp {
    type Err = String;

    /// Reads back what [`Display`](std::fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, String> {
        let (day, clock) = text.split_once(' ').map_or((text, None), |(day, clock)| (day, Some(clock)));
        let date = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|e| format!("{text}: {e}"))?;
        let seconds = clock.is_some_and(|clock| clock.matches(':').count() == 2);
        let format = if seconds { "%H:%M:%S" } else { "%H:%M" };
        let time = clock.map(|clock| NaiveTime::parse_from_str(clock, format)).transpose();
        Ok(Self { date, time: time.map_err(|e| format!("{text}: {e}"))?, seconds })
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
