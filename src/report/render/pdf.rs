//! [`Paper`] to PDF in the layout of GB/T 9704—2012, set by typst (`paper.typ`). The same paper and fonts give the same bytes.

use typst::comemo;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};
use typst_kit::fonts::FontStore;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use super::faces::Faces;
use super::pdf_data;
use crate::report::document::Paper;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// None of the fonts holds Chinese.
    #[error(
        "没有找到中文字体，不能生成 PDF：请安装字体（Debian：apt install fonts-noto-cjk），或者用 --fonts 指明字体所在目录"
    )]
    NoChineseFont,
    /// What typst said; the template is ours, so that this is a fault of ours.
    #[error("typst：{0}")]
    Typst(String),
}

/// What sets papers: fonts, found once, and typst's library. Font files are read when they are first needed.
#[derive(Debug)]
pub struct Typesetter {
    fonts: Store,
    faces: Faces,
    library: LazyHash<Library>,
    main: Source,
    data: FileId,
}

/// The fonts handed in; their own type has no `Debug`.
struct Store(FontStore);

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("fonts")
    }
}

impl Typesetter {
    /// With these fonts.
    ///
    /// # Errors
    /// [`PdfError::NoChineseFont`] where none of those that the layout knows is among them.
    pub fn new(fonts: FontStore) -> Result<Self, PdfError> {
        let has = |family: &str| fonts.book().contains_family(&family.to_lowercase());
        let faces = Faces::among(&has).ok_or(PdfError::NoChineseFont)?;
        let main = Source::new(file("/paper.typ")?, include_str!("paper.typ").to_owned());
        let data = file("/data.json")?;
        let library = LazyHash::new(Library::default());
        Ok(Self { fonts: Store(fonts), faces, library, main, data })
    }

    /// Fonts of the standard that are not there, each with what stands in for it.
    pub fn stand_ins(&self) -> Vec<(&'static str, &'static str)> {
        self.faces.stand_ins()
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`PdfError::Typst`], which is a fault of ours.
    pub fn pdf(&self, paper: &Paper) -> Result<Vec<u8>, PdfError> {
        let json = pdf_data::of(paper, &self.faces).to_string();
        let desk = Desk { setter: self, json: Bytes::from_string(json) };
        let set = typst::compile::<PagedDocument>(&desk).output;
        let told = |faults: typst::ecow::EcoVec<SourceDiagnostic>| {
            PdfError::Typst(
                faults.iter().map(|fault| fault.message.to_string()).collect::<Vec<_>>().join("; "),
            )
        };
        // A tool's name has no place in an office's paper.
        let options = PdfOptions { creator: Smart::Custom(None), ..PdfOptions::default() };
        let bytes = set.and_then(|document| typst_pdf::pdf(&document, &options)).map_err(told);
        comemo::evict(10);
        bytes
    }
}

/// One paper on the typesetter's desk: two files, and no way to any other.
struct Desk<'a> {
    setter: &'a Typesetter,
    json: Bytes,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.setter.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.setter.fonts.0.book()
    }

    fn main(&self) -> FileId {
        self.setter.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.setter.main.id() { Ok(self.setter.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.setter.data { Ok(self.json.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.setter.fonts.0.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn file(path: &str) -> Result<FileId, PdfError> {
    let path = VirtualPath::new(path).map_err(|error| PdfError::Typst(error.to_string()))?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}
