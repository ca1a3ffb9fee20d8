//! Charts as inline SVG: no script, no font, no `style=`, no colour of their own but what the page's style sheet gives
//! them.
//!
//! Everything is drawn in the colour of the text around it. A style sheet tells lines apart by the class of their
//! [`Tone`] (`.tone-bad { color: … }`); without one, and without colours, their dashes and marks do. Texts have the
//! class `chart-text`, the grid `chart-grid`, the axis `chart-axis`, the whole `chart` or `sparkline`.
//!
//! The same chart gives the same bytes.

mod legend;
mod lines;
mod scale;
mod spark;
mod svg;

pub use lines::line_chart;
pub use spark::sparkline;

/// Lines over the same weeks or days.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What the ids in the SVG begin with; unique in its page.
    pub id: String,
    /// What it shows, in a few words. Read out, and shown by browsers when pointed at; not drawn.
    pub title: String,
    /// What it says, in a sentence, for those who can't see it.
    pub description: String,
    /// The names of the weeks or days, from left to right. As many of them are drawn as have room.
    pub labels: Vec<String>,
    /// At most four of them can be told apart.
    pub lines: Vec<Line>,
    /// What is counted.
    pub unit: Unit,
}

/// One line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name in the legend. A chart of one line has no legend.
    pub name: String,
    /// What it stands for.
    pub tone: Tone,
    /// A value for each label: a number of things, or a share from 0 to 1. None: a gap.
    pub points: Vec<Option<f64>>,
}

/// What a line stands for; its colour is the style sheet's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// A number that is neither good nor bad.
    Plain,
    /// The more, the better.
    Good,
    /// The more, the worse.
    Bad,
    /// What is not known.
    Unsure,
    /// What is put aside.
    Muted,
}

impl Tone {
    /// The class of what is drawn in it.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "tone-plain",
            Self::Good => "tone-good",
            Self::Bad => "tone-bad",
            Self::Unsure => "tone-unsure",
            Self::Muted => "tone-muted",
        }
    }
}

/// What the values of a chart are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Numbers of things, from 0 up.
    Count,
    /// Shares from 0 to 1, drawn as 0 to 100 %.
    Share,
}

#[cfg(test)]
pub(crate) mod tests;
