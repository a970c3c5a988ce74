//! The names of elements and attributes that mean something to the reader of pages.

/// A name in lower case as one integer, so that comparing names is comparing integers; nothing where it is longer than any that means
/// something here.
pub(super) const fn packed(name: &[u8]) -> Option<u128> {
    if name.is_empty() || name.len() > 15 {
        return None;
    }
    // The length keeps a name apart from the same name followed by U+0000.
    let mut code = name.len() as u128;
    let mut at = 0;
    while at < name.len() {
        code = code << 8 | name[at].to_ascii_lowercase() as u128;
        at += 1;
    }
    Some(code)
}

/// The code of a name that stands in this file.
const fn code(name: &str) -> u128 {
    match packed(name.as_bytes()) {
        Some(code) => code,
        None => panic!("a name that cannot be packed"),
    }
}

macro_rules! tags {
    ($($name:ident $text:literal),* $(,)?) => {
        /// The elements that mean something here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the HTML element of that name")]
        pub enum Tag { $($name),*, /// Any other element.
            Other, /// A run of text.
            Text }
        impl Tag {
            /// The element of a [`packed`] name.
            #[allow(non_upper_case_globals, reason = "patterns that are called as what they stand for")]
            pub(super) fn of(packed: u128) -> Self {
                $(const $name: u128 = code($text);)*
                match packed { $($name => Self::$name,)* _ => Self::Other }
            }
            /// Its name in lower case; empty for those without a name of their own.
            pub(super) fn name(self) -> &'static str { match self { $(Self::$name => $text,)* Self::Other | Self::Text => "" } }
        }
        pub(super) const TAGS: usize = [$($text),*].len() + 2;
    };
}
tags! {
    A "a", Address "address", Area "area", Article "article", Aside "aside", Audio "audio", B "b", Base "base", Blockquote "blockquote", Body "body",
    Br "br", Button "button", Caption "caption", Center "center", Col "col", Dd "dd", Dir "dir", Div "div", Dl "dl", Dt "dt", Em "em",
    Embed "embed", Fieldset "fieldset", Figure "figure", Font "font", Footer "footer", Form "form", Frame "frame", Frameset "frameset", H1 "h1",
    H2 "h2", H3 "h3", H4 "h4", H5 "h5", H6 "h6", Head "head", Header "header", Hr "hr", Html "html", I "i", Iframe "iframe", Img "img", Input "input",
    Label "label", Li "li", Link "link", Main "main", Marquee "marquee", Math "math", Menu "menu", Meta "meta", Nav "nav", Noembed "noembed",
    Noframes "noframes", Noscript "noscript", Object "object", Ol "ol", Option "option", P "p", Param "param", Plaintext "plaintext", Pre "pre",
    Script "script", Section "section", Select "select", Source "source", Span "span", Strong "strong", Style "style", Svg "svg", Table "table",
    Tbody "tbody", Td "td", Template "template", Textarea "textarea", Tfoot "tfoot", Th "th", Thead "thead", Time "time", Title "title", Tr "tr",
    Track "track", U "u", Ul "ul", Video "video", Wbr "wbr", Xmp "xmp",
}

impl Tag {
    /// Elements that start a new line for a reader.
    pub fn is_block(self) -> bool {
        #[allow(clippy::enum_glob_use, reason = "a list of names reads best bare")]
        use Tag::*;
        matches!(
            self,
            Address
                | Article
                | Aside
                | Blockquote
                | Body
                | Br
                | Caption
                | Center
                | Dd
                | Dir
                | Div
                | Dl
                | Dt
                | Fieldset
                | Figure
                | Footer
                | Form
                | H1
                | H2
                | H3
                | H4
                | H5
                | H6
                | Header
                | Hr
                | Li
                | Main
                | Marquee
                | Menu
                | Nav
                | Ol
                | Option
                | P
                | Pre
                | Section
                | Select
                | Table
                | Tbody
                | Td
                | Tfoot
                | Th
                | Thead
                | Tr
                | Ul
        )
    }

    /// H1 … H6.
    pub fn is_heading(self) -> bool {
        matches!(self, Self::H1 | Self::H2 | Self::H3 | Self::H4 | Self::H5 | Self::H6)
    }

    pub(super) fn is_void(self) -> bool {
        #[allow(clippy::enum_glob_use, reason = "a list of names reads best bare")]
        use Tag::*;
        matches!(
            self,
            Area | Base
                | Br
                | Col
                | Embed
                | Frame
                | Hr
                | Img
                | Input
                | Link
                | Meta
                | Param
                | Source
                | Track
                | Wbr
        )
    }

    pub(super) fn is_formatting(self) -> bool {
        matches!(self, Self::A | Self::B | Self::Em | Self::Font | Self::I | Self::Strong | Self::U)
    }

    /// Elements whose content is no markup.
    pub(super) fn is_raw(self) -> bool {
        #[allow(clippy::enum_glob_use, reason = "a list of names reads best bare")]
        use Tag::*;
        matches!(self, Iframe | Noembed | Noframes | Noscript | Script | Style | Textarea | Title | Xmp)
    }

    pub(super) fn closes_paragraph(self) -> bool {
        #[allow(clippy::enum_glob_use, reason = "a list of names reads best bare")]
        use Tag::*;
        self.is_block()
            && !matches!(
                self,
                Br | Caption | Option | Select | Tbody | Td | Tfoot | Th | Thead | Tr | Marquee | Body
            )
    }
}

macro_rules! attributes {
    ($($name:ident $text:literal),* $(,)?) => {
        /// The attributes that mean something here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the HTML attribute of that name")]
        pub enum Attr { $($name),*, /// The name of an element that is not a [`Tag`].
            Name, /// Any `data-` attribute of another name, or one of a script's framework, that has a value: what a script reads.
            Bound }
        impl Attr {
            /// The attribute of this name and value, where it means something.
            pub(super) fn given(name: &[u8], value: &str) -> Option<Self> {
                packed(name).and_then(Self::of).or_else(|| {
                    const READ: [&[u8]; 5] = [b"data-", b"lay-", b"ng-", b"v-", b"x-"];
                    let starts = |start: &&[u8]| {
                        name.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
                    };
                    let bound = name == b"url" || READ.iter().any(starts);
                    (bound && !value.is_empty()).then_some(Self::Bound)
                })
            }

            /// The attribute of a [`packed`] name.
            #[allow(non_upper_case_globals, reason = "patterns that are called as what they stand for")]
            pub(super) fn of(packed: u128) -> Option<Self> {
                $(const $name: u128 = code($text);)*
                match packed { $($name => Some(Self::$name),)* _ => None }
            }
        }
    };
}
attributes! {
    Action "action", Alt "alt", AriaLabel "aria-label", AriaLabelledBy "aria-labelledby", BgColor "bgcolor", Charset "charset", Class "class", Color "color", Content "content", Data "data", DataApi "data-api",
    For "for", Lang "lang", Method "method", Placeholder "placeholder",
    DataChannel "data-channel", DataDate "data-date", DataId "data-id", DataOriginal "data-original", DataPage "data-page", DataSrc "data-src", DataSrcset "data-srcset", DataUrl "data-url", DateTime "datetime",
    Height "height", Hidden "hidden", Href "href", HttpEquiv "http-equiv", HxGet "hx-get", HxPost "hx-post", Id "id", LaySrc "lay-src", MetaName "name", OnChange "onchange", OnClick "onclick", OnLoad "onload",
    OnMouseOver "onmouseover", Poster "poster", Rel "rel", SiteCode "sitecode", Src "src", Srcset "srcset", Style "style", Title "title", Type "type", Value "value",
    VFor "v-for", VIf "v-if", Width "width",
}
