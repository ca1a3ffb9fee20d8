use super::*;

fn weeks(count: usize) -> Vec<String> {
    (1..=count).map(|week| format!("W{week:02}")).collect()
}

fn line(name: &str, tone: Tone, points: &[Option<f64>]) -> Line {
    Line { name: name.to_owned(), tone, points: points.to_vec() }
}

fn chart(unit: Unit, lines: Vec<Line>) -> Chart {
    Chart {
        id: "open".to_owned(),
        title: "Open findings".to_owned(),
        description: "From 4 to 2.".to_owned(),
        labels: weeks(lines[0].points.len()),
        lines,
        unit,
    }
}

/// Every tag's name, in order, and every attribute as `tag.name=value`.
pub(crate) fn parsed(svg: &str) -> (Vec<String>, Vec<String>) {
    let (mut tags, mut attributes) = (Vec::new(), Vec::new());
    for tag in svg.split('<').skip(1).map(|rest| rest.split_once('>').expect("every tag ends").0) {
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        tags.push(name.to_owned());
        while let Some((key, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"').expect("every value ends");
            attributes.push(format!("{name}.{}={value}", key.trim()));
            rest = after;
        }
    }
    (tags, attributes)
}

#[test]
fn two_lines_with_a_gap() {
    let points = [Some(4.0), None, Some(3.0), Some(2.0)];
    let lines = vec![
        line("failing", Tone::Bad, &points),
        line("not judged", Tone::Unsure, &[Some(0.0), None, None, Some(1.0)]),
    ];
    insta::assert_snapshot!("two_lines_with_a_gap", line_chart(&chart(Unit::Count, lines)));
}

#[test]
fn a_share_goes_from_0_to_100() {
    let points = [None, Some(0.25), Some(1.0)];
    insta::assert_snapshot!("a_share", line_chart(&chart(Unit::Share, vec![line("", Tone::Good, &points)])));
}

#[test]
fn a_small_line_beside_a_number() {
    let points = [None, Some(1.0), Some(4.0), None, Some(2.0)];
    let svg = sparkline("s1", "Open findings", "From 1 to 2.", Tone::Plain, &points);
    insta::assert_snapshot!("sparkline", svg);
    let flat = sparkline("s1", "", "", Tone::Plain, &[Some(1.0), Some(1.0)]);
    assert!(flat.contains("points=\"4,14 116,14 \""), "{flat}");
}

#[test]
fn lines_are_told_apart_without_colours() {
    let four = ["a", "b", "c", "d"].map(|name| line(name, Tone::Plain, &[Some(1.0), Some(2.0)]));
    let (_, attributes) = parsed(&line_chart(&chart(Unit::Count, four.to_vec())));
    let dashes =
        attributes.iter().filter_map(|attribute| attribute.strip_prefix("polyline.stroke-dasharray="));
    let dashes: Vec<&str> = dashes.collect();
    // Each stands in the legend and in the chart.
    assert_eq!(dashes.len(), 6);
    assert_eq!(dashes.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
}

#[test]
fn names_are_text_whatever_is_in_them() {
    let evil = "\"><script>alert(1)</script><a onload='x' class=\"#000001\" fill=\"#000001\">&\u{202e}\0";
    let mut chart =
        chart(Unit::Count, vec![line(evil, Tone::Plain, &[Some(1.0)]), line(evil, Tone::Bad, &[Some(2.0)])]);
    (chart.id, chart.title, chart.description) = (evil.to_owned(), evil.to_owned(), evil.to_owned());
    chart.labels = vec![evil.to_owned()];
    let small = sparkline(evil, evil, evil, Tone::Bad, &[Some(1.0)]);
    for svg in [line_chart(&chart), small] {
        let (tags, attributes) = parsed(&svg);
        let known = ["svg", "title", "desc", "text", "line", "polyline", "polygon", "circle", "rect"];
        assert!(tags.iter().all(|tag| known.contains(&tag.trim_matches('/'))), "{tags:?}");
        let handler = |attribute: &String| attribute.contains(".on") || attribute.contains(".style=");
        assert!(!attributes.iter().any(handler), "{attributes:?}");
        assert!(!svg.contains('\0'));
    }
}

#[test]
fn no_colour_and_no_style_are_left_for_the_page_to_fight() {
    let points = [Some(0.5), None, Some(1.0)];
    let svg = line_chart(&chart(Unit::Share, vec![line("", Tone::Good, &points)]));
    assert!(!svg.contains("=\"#") && !svg.contains("style="), "{svg}");
    let head = svg.split_once('>').unwrap().0;
    assert!(!head.contains(" width=") && !head.contains(" height="), "{head}");
}

#[test]
fn what_has_no_data_says_so() {
    for points in [vec![], vec![None, None], vec![Some(f64::NAN)]] {
        let svg = line_chart(&chart(Unit::Share, vec![line("", Tone::Good, &points)]));
        assert!(svg.contains("no data"), "{svg}");
        let small = sparkline("s", "", "", Tone::Good, &points);
        assert!(!parsed(&small).0.contains(&"circle".to_owned()), "{small}");
    }
    let none = Chart { lines: Vec::new(), ..chart(Unit::Count, vec![line("", Tone::Plain, &[])]) };
    assert!(line_chart(&none).contains("no data"));
}

#[test]
fn many_days_fit_and_every_one_is_in_the_line() {
    let points: Vec<_> = (0..400).map(|day| Some(f64::from(day))).collect();
    let svg = line_chart(&chart(Unit::Count, vec![line("", Tone::Plain, &points)]));
    let labels = svg.matches("text-anchor=\"middle\"").count();
    assert!((5..=20).contains(&labels), "{labels}");
    let (_, attributes) = parsed(&svg);
    let lines = attributes.iter().filter_map(|attribute| attribute.strip_prefix("polyline.points="));
    assert_eq!(lines.map(|points| points.split_whitespace().count()).max(), Some(400));
    assert_eq!(svg, line_chart(&chart(Unit::Count, vec![line("", Tone::Plain, &points)])));
}
