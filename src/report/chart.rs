//! Charts as values and as SVG: bars of counts, lines of pass rates. No script, no font of their own, the same bytes every time.

use std::fmt::Write as _;

use super::figures::Tenths;
use super::render::escaped;
use super::wording::one_line;

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What it shows.
    pub caption: String,
    /// Name of its file, without an ending.
    pub file: String,
    /// What is drawn.
    pub shape: Shape,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Horizontal bars with their counts.
    Bars(Vec<(String, usize)>),
    /// Lines over the same points; a value that is not known leaves a hole in its line.
    Rates {
        /// Names of the points, left to right.
        points: Vec<String>,
        /// Name and values of each line.
        lines: Vec<(String, Vec<Option<Tenths>>)>,
    },
}

/// Width of the picture, in pixels.
const WIDTH: usize = 720;
const COLOURS: [&str; 4] = ["#2b5ea7", "#c1762c", "#4c7f5c", "#7a5c8e"];
const FONTS: &str = "Noto Sans CJK SC,Source Han Sans SC,Microsoft YaHei,SimHei,sans-serif";

impl Chart {
    /// The picture, a whole document that any browser opens.
    pub fn svg(&self) -> String {
        let (height, inside) = match &self.shape {
            Shape::Bars(bars) => (bars.len() * 30 + 50, bars_svg(bars)),
            Shape::Rates { points, lines } => (320, rates_svg(points, lines)),
        };
        let caption = escaped(&one_line(&self.caption));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{caption}\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" font-family=\"{FONTS}\" font-size=\"13\" fill=\"#1d2129\">\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n\
             <text x=\"{}\" y=\"24\" text-anchor=\"middle\" font-size=\"15\" font-weight=\"bold\">{caption}</text>\n{inside}</svg>\n",
            WIDTH / 2
        )
    }
}

fn bars_svg(bars: &[(String, usize)]) -> String {
    const LABEL: usize = 210;
    const FULL: usize = 440;
    let most = bars.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
    let mut out = String::new();
    for (n, (label, value)) in bars.iter().enumerate() {
        let top = 42 + n * 30;
        let width = if *value > 0 { (value * FULL / most).max(2) } else { 0 };
        let label = super::wording::shortened(&one_line(label), 15);
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><rect x=\"{LABEL}\" y=\"{top}\" width=\"{width}\" \
             height=\"20\" fill=\"{}\"/><text x=\"{}\" y=\"{}\">{value}</text>",
            LABEL - 10,
            top + 15,
            escaped(&label),
            COLOURS[0],
            LABEL + width + 7,
            top + 15,
        );
    }
    out
}

fn rates_svg(points: &[String], lines: &[(String, Vec<Option<Tenths>>)]) -> String {
    const LEFT: usize = 60;
    const RIGHT: usize = 690;
    const TOP: i64 = 48;
    const BOTTOM: i64 = 250;
    let known = lines.iter().flat_map(|(_, values)| values.iter().flatten());
    // The scale begins at a full ten per cent below the lowest point, so that differences of a few points can be seen.
    let least = (known.map(|tenths| tenths.0).min().unwrap_or(900).min(950) / 100) * 100;
    let y = |tenths: i64| BOTTOM - (tenths - least) * (BOTTOM - TOP) / (1000 - least).max(1);
    let x = |n: usize| LEFT + 40 + n * (RIGHT - LEFT - 80) / points.len().saturating_sub(1).max(1);
    let mut out = String::new();
    let steps = ((1000 - least) / 100).max(1);
    for step in 0..=steps {
        let tenths = least + step * (1000 - least) / steps;
        let at = y(tenths);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{at}\" x2=\"{RIGHT}\" y2=\"{at}\" stroke=\"#dfe3e8\"/><text x=\"{}\" y=\"{}\" \
             text-anchor=\"end\" fill=\"#5b6470\">{}%</text>",
            LEFT - 8,
            at + 5,
            tenths / 10,
        );
    }
    for (n, point) in points.iter().enumerate() {
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"272\" text-anchor=\"middle\">{}</text>",
            x(n),
            escaped(&one_line(point))
        );
    }
    for (nth, (name, values)) in lines.iter().enumerate() {
        let colour = COLOURS[nth % COLOURS.len()];
        let mut before: Option<(usize, i64)> = None;
        for (n, value) in values.iter().enumerate() {
            let Some(value) = value else {
                before = None;
                continue;
            };
            let here = (x(n), y(value.0));
            if let Some((x1, y1)) = before {
                let _ = writeln!(
                    out,
                    "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{}\" y2=\"{}\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                    here.0, here.1
                );
            }
            // The labels of two lines that meet stand above and below.
            let label = here.1 + if nth == 0 { -10 } else { 20 };
            let _ = writeln!(
                out,
                "<circle cx=\"{}\" cy=\"{}\" r=\"4\" fill=\"{colour}\"/><text x=\"{}\" y=\"{label}\" text-anchor=\"middle\" \
                 fill=\"{colour}\">{value}</text>",
                here.0, here.1, here.0
            );
            before = Some(here);
        }
        let at = 230 + nth * 150;
        let _ = writeln!(
            out,
            "<rect x=\"{at}\" y=\"292\" width=\"14\" height=\"14\" fill=\"{colour}\"/><text x=\"{}\" y=\"304\">{}</text>",
            at + 20,
            escaped(&one_line(name))
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_labels_are_inert_and_holes_stay_holes() {
        let bars = Chart {
            caption: "问题<script>".into(),
            file: "问题".into(),
            shape: Shape::Bars(vec![("断链\"><svg onload=x>".into(), 12), ("空".into(), 0)]),
        };
        let svg = bars.svg();
        assert!(!svg.contains("<script") && !svg.contains("<svg onload"));
        assert!(svg.contains("width=\"440\" height=\"20\"") && svg.contains("width=\"0\" height=\"20\""));
        let line = |values| Chart {
            caption: "合格率".into(),
            file: "合格率".into(),
            shape: Shape::Rates {
                points: vec!["1".into(), "2".into(), "3".into()],
                lines: vec![("网站".into(), values)],
            },
        };
        let joined = |values| line(values).svg().matches("stroke-width=\"2\"").count();
        assert_eq!(joined(vec![Some(Tenths(940)), Some(Tenths(950)), Some(Tenths(1000))]), 2);
        assert_eq!(joined(vec![Some(Tenths(940)), None, Some(Tenths(1000))]), 0);
    }
}
