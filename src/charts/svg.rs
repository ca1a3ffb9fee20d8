//! What is made of the SVG that plotters writes: colours become classes, the frame a figure that can be read out.
//!
//! Everything is drawn in one of the colours below, which no page would use; what is drawn in it gets the class.
//! Names can't be taken for an attribute, because plotters escapes the quotation marks in them.

use plotters::style::RGBColor;

use super::Tone;

/// Of texts.
pub(super) const TEXT: RGBColor = RGBColor(0, 0, 1);
/// Of the lines behind the lines.
pub(super) const GRID: RGBColor = RGBColor(0, 0, 2);
/// Of the axis at the bottom.
pub(super) const AXIS: RGBColor = RGBColor(0, 0, 3);

/// Dashes, by the number of a line.
const DASHES: [&str; 4] = ["", "7 4", "2 4", "9 3 2 3"];

/// Of the line of that number.
pub(super) const fn line_color(at: usize) -> RGBColor {
    RGBColor(0, 1, (at % DASHES.len()) as u8)
}

/// The drawing with classes in the place of colours.
pub(super) fn with_classes(drawn: &str, tones: &[Tone]) -> String {
    let mut svg = drawn.to_owned();
    let mut class = |color: RGBColor, paint: &str, class: &str, more: &str| {
        let RGBColor(r, g, b) = color;
        let from = format!("{paint}=\"#{r:02X}{g:02X}{b:02X}\"");
        svg = svg.replace(&from, &format!("class=\"{class}\" {paint}=\"currentColor\"{more}"));
    };
    class(TEXT, "fill", "chart-text", "");
    class(GRID, "stroke", "chart-grid", "");
    class(AXIS, "stroke", "chart-axis", "");
    for (at, tone) in tones.iter().enumerate().take(DASHES.len()) {
        let dashes = match DASHES[at] {
            "" => String::new(),
            dashes => format!(" stroke-dasharray=\"{dashes}\""),
        };
        let tone = tone.class();
        let round = format!(" stroke-linejoin=\"round\"{dashes}");
        class(line_color(at), "stroke", &format!("chart-line {tone}"), &round);
        class(line_color(at), "fill", &format!("chart-mark {tone}"), "");
    }
    svg
}

/// What is said of a drawing around it.
pub(super) struct Frame<'a> {
    /// What the ids begin with.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    pub(super) class: &'a str,
    /// Width and height that were drawn on.
    pub(super) size: (u32, u32),
}

impl Frame<'_> {
    /// The drawing in an `<svg>` that takes the width it is given, with its title and description.
    pub(super) fn around(&self, drawn: &str) -> String {
        let (id, class, (width, height)) = (escaped(self.id), self.class, self.size);
        let (title, description) = (escaped(self.title), escaped(self.description));
        // The first tag is plotters' own `<svg …>`, with a fixed size.
        let inner = drawn.split_once('>').map_or("", |(_, inner)| inner);
        format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\" xmlns=\"http://www.w3.org/2000/svg\">\n\
             <title id=\"{id}-title\">{title}</title>\n\
             <desc id=\"{id}-desc\">{description}</desc>{inner}"
        )
    }
}

/// Text that is no markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(visible(other)),
        }
    }
    out
}

/// The character, or a sign for one that SVG does not allow.
pub(super) fn visible(c: char) -> char {
    if c.is_control() { '\u{fffd}' } else { c }
}
