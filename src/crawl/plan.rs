//! What a crawl is told of its run, and what it reports.

use std::collections::HashMap;

use url::Url;

use super::files::Files;
use super::frontier::{Candidate, SiteIndex, UrlId};
use crate::calendar::Instant8;

/// What a crawl needs to know of its run.
#[derive(Debug)]
pub struct Plan {
    /// Number of the run.
    pub run: i64,
    /// Which look; the first discovers, later ones only fetch their seeds.
    pub look: u8,
    /// Ages are judged against it.
    pub as_of: Instant8,
    /// Where to start: home pages and columns, or what is to be looked at again.
    pub seeds: Vec<Candidate>,
    /// How many sites there are.
    pub sites: u32,
    /// Per politeness key a page that is known to be there: asked in the same minute in which something else of the host
    /// seems to be gone. Empty for the first look.
    pub controls: HashMap<String, Url>,
    /// Of which attachments the text is wanted.
    pub files: Files,
    /// Pages of this look that could not be read and are asked once more; then nothing else that it left waiting is.
    pub again: Vec<(UrlId, Candidate)>,
    /// Sites with their home pages that are asked for made-up addresses too, so that soft 404 can be told.
    pub calibrate: Vec<(SiteIndex, String)>,
}

/// What a crawl reports while it works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// URLs done.
    pub done: u64,
    /// Pages read.
    pub pages: u64,
    /// URLs known and still to do.
    pub waiting: u64,
}
