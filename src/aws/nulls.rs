//! Takes `null` out of JSON lists, and nothing else.
//!
//! DMS answers `"ReplicationInstancePublicIpAddresses": [null]` for an instance without a public
//! address, and the Rust SDK refuses the whole page: "dense list cannot contain null values". Every
//! private instance would be lost.

/// The text without the `null` elements of its lists; `None` where there are none, which costs one
/// search for the word. What is not JSON passes as it is: whoever parses it will say so.
pub fn without_nulls_in_lists(json: &[u8]) -> Option<Vec<u8>> {
    // Cheap way out: most answers hold no null at all.
    json.windows(4).position(|word| word == b"null")?;

    let mut out = Vec::with_capacity(json.len());
    let mut open: Vec<Open> = Vec::new();
    let mut dropped = false;
    let mut at = 0;
    while at < json.len() {
        match json[at] {
            b'"' => {
                let end = string_end(json, at);
                separate(&mut out, &mut open);
                out.extend_from_slice(&json[at..end]);
                at = end;
                continue;
            }
            bracket @ (b'[' | b'{') => {
                separate(&mut out, &mut open);
                open.push(Open { list: bracket == b'[', elements: 0, comma: None });
                out.push(bracket);
            }
            bracket @ (b']' | b'}') => {
                if let Some(Open { list: false, comma: Some(comma), .. }) = open.pop() {
                    // A stray comma in an object is not ours to mend.
                    out.extend_from_slice(comma);
                }
                out.push(bracket);
            }
            b',' if open.last().is_some_and(|open| open.list) => {
                // Written only once it is known that a kept element stands on either side of it.
                if let Some(open) = open.last_mut() {
                    open.comma = Some(b",");
                }
            }
            b'n' if open.last().is_some_and(|open| open.list) && json[at..].starts_with(b"null") => {
                dropped = true;
                at += 4;
                continue;
            }
            blank if blank.is_ascii_whitespace() => out.push(blank),
            other => {
                if !matches!(other, b',' | b':') {
                    separate(&mut out, &mut open);
                    let end = scalar_end(json, at);
                    out.extend_from_slice(&json[at..end]);
                    at = end;
                    continue;
                }
                out.push(other);
            }
        }
        at += 1;
    }
    dropped.then_some(out)
}

/// An object or list that has begun and not ended.
struct Open {
    list: bool,
    /// Elements of a list that were kept.
    elements: usize,
    /// A comma that was read and not yet written.
    comma: Option<&'static [u8]>,
}

/// Before an element of a list: the comma that it needs.
fn separate(out: &mut Vec<u8>, open: &mut [Open]) {
    if let Some(open) = open.last_mut().filter(|open| open.list) {
        if open.elements > 0 && open.comma.is_some() {
            out.push(b',');
        }
        open.comma = None;
        open.elements += 1;
    }
}

fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < json.len() {
        match json[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    json.len()
}

/// The end of a number or a bare word.
fn scalar_end(json: &[u8], start: usize) -> usize {
    json[start..]
        .iter()
        .position(|byte| {
            matches!(byte, b',' | b':' | b'"' | b'[' | b']' | b'{' | b'}') || byte.is_ascii_whitespace()
        })
        .map_or(json.len(), |length| start + length.max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn mended(json: &str) -> Option<String> {
        without_nulls_in_lists(json.as_bytes()).map(|out| String::from_utf8(out).unwrap())
    }

    #[test]
    fn nulls_leave_lists_and_stay_everywhere_else() {
        assert_eq!(mended(r#"{"a":[null]}"#).unwrap(), r#"{"a":[]}"#);
        assert_eq!(mended(r#"[null,1,null,null,"x",null]"#).unwrap(), r#"[1,"x"]"#);
        assert_eq!(mended(r#"{"a":null,"b":[{"c":null},null]}"#).unwrap(), r#"{"a":null,"b":[{"c":null}]}"#);
        assert_eq!(mended(r#"[ null , 1 ]"#).unwrap().replace(' ', ""), "[1]");
    }

    #[test]
    fn what_needs_no_mending_is_left_alone() {
        for same in
            [r#"{"a":null}"#, r#"["null","[null]","\"null"]"#, "<html>null</html>", "", r#"{"a":[1,2]}"#]
        {
            assert_eq!(mended(same), None, "{same}");
        }
    }

    fn without(value: Value) -> Value {
        match value {
            Value::Array(list) => list.into_iter().filter(|v| !v.is_null()).map(without).collect(),
            Value::Object(map) => map.into_iter().map(|(k, v)| (k, without(v))).collect(),
            other => other,
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            3 => Just(Value::Null),
            1 => any::<i64>().prop_map(Value::from),
            1 => any::<bool>().prop_map(Value::from),
            2 => prop_oneof![Just("null".to_owned()), Just("[null,]\"\\".to_owned()), ".{0,6}"].prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".{0,4}", inner), 0..5)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn as_a_parser_would_do_it(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let out = mended(&text).unwrap_or(text);
            prop_assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), without(value));
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(prop_oneof![Just(b'['), Just(b','), Just(b'"'), Just(b'\\'), Just(b'n'), any::<u8>()], 0..40)) {
            let mut text = b"null".to_vec();
            text.extend(bytes);
            without_nulls_in_lists(&text);
        }
    }
}
