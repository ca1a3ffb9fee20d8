//! keywatch's own JSON: the news as they are, with the message's id. docs/notifications.md describes it.

use serde_json::{Map, Value};

use crate::domain::News;

/// The body of a request.
pub fn body(id: &str, news: &News) -> String {
    let mut whole = Map::new();
    whole.insert("id".to_owned(), id.into());
    if let Value::Object(fields) = news.to_json() {
        whole.extend(fields);
    }
    Value::Object(whole).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::message::tests::news;

    #[test]
    fn the_id_and_everything_else() {
        let mut news = news();
        news.opened.first.truncate(1);
        let body: Value = serde_json::from_str(&body("00ff", &news)).unwrap();
        insta::assert_snapshot!(format!("{body:#}"), @"");
    }
}
