//! `--pdf`: papers as PDF beside their DOCX, with the fonts of this machine (feature `pdf`).

use std::path::PathBuf;

use super::Failure;
use crate::report::document::Paper;

/// Whether PDF is wanted, and where its fonts are.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct PdfArgs {
    /// 同时写出 PDF（程序须以 --features pdf 编译）
    #[arg(long)]
    pub(super) pdf: bool,
    /// PDF 所用公文字体（仿宋、小标宋等）所在目录；不写则使用本机已安装的字体
    #[arg(long, value_name = "DIR", requires = "pdf")]
    fonts: Option<PathBuf>,
}

impl PdfArgs {
    /// What makes PDF of papers, where they are wanted; told before anything is written.
    ///
    /// # Errors
    /// [`Failure::Usage`] where the program was built without it, or finds no Chinese font.
    pub(super) fn printer(&self) -> Result<Option<Printer>, Failure> {
        if self.pdf { Printer::new(self.fonts.as_deref()).map(Some) } else { Ok(None) }
    }
}

/// Makes PDF of papers.
#[cfg(feature = "pdf")]
#[derive(Debug)]
pub(super) struct Printer(crate::report::render::pdf::Typesetter);

/// Makes PDF of papers; there is none without the feature `pdf`.
#[cfg(not(feature = "pdf"))]
#[derive(Debug)]
pub(super) enum Printer {}

#[cfg(feature = "pdf")]
impl Printer {
    fn new(folder: Option<&std::path::Path>) -> Result<Self, Failure> {
        use typst_kit::fonts;

        let mut store = fonts::FontStore::new();
        if let Some(folder) = folder {
            if !folder.is_dir() {
                return Err(Failure::Usage(format!("--fonts：{} 不是目录", folder.display())));
            }
            store.extend(fonts::scan(folder));
        }
        store.extend(fonts::system());
        let typesetter = crate::report::render::pdf::Typesetter::new(store)
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let stand_ins = typesetter.stand_ins();
        if !stand_ins.is_empty() {
            let told: Vec<String> =
                stand_ins.iter().map(|(font, instead)| format!("{font}（以 {instead} 代替）")).collect();
            super::desk::say(&format!("PDF：本机没有以下字体，请核对版面：{}", told.join("、")));
        }
        Ok(Self(typesetter))
    }

    /// The paper as PDF.
    ///
    /// # Errors
    /// A fault of ours.
    pub(super) fn pdf(&self, paper: &Paper) -> Result<Vec<u8>, Failure> {
        self.0.pdf(paper).map_err(|error| Failure::Internal(error.into()))
    }
}

#[cfg(not(feature = "pdf"))]
impl Printer {
    fn new(_: Option<&std::path::Path>) -> Result<Self, Failure> {
        Err(Failure::Usage(
            "--pdf：本程序编译时未包含 PDF 功能（须以 cargo build --release --features pdf 编译）；\
             也可以用 WPS 或者 soffice --headless --convert-to pdf 转换已写出的 DOCX"
                .to_owned(),
        ))
    }

    /// The paper as PDF.
    ///
    /// # Errors
    /// None: there is nothing to call it on.
    pub(super) fn pdf(&self, _: &Paper) -> Result<Vec<u8>, Failure> {
        match *self {}
    }
}
