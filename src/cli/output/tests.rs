use std::{cell::RefCell, rc::Rc};

use serde_json::json;

use super::*;

#[derive(Clone, Default)]
pub(crate) struct Kept(Rc<RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn printed(rows: &Rows, format: Format, width: Option<u16>) -> String {
    let kept = Kept::default();
    let mut out = Out::new(Box::new(kept.clone()), Look { width, color: false });
    out.rows(rows, format, |rows, look| table(&rows.columns, &rows.rows, look)).unwrap();
    out.finish().unwrap();
    String::from_utf8(kept.0.take()).unwrap()
}

fn rows(columns: &[&str], rows: Vec<Vec<Value>>) -> Rows {
    Rows { columns: columns.iter().map(|&name| name.to_owned()).collect(), rows }
}

fn sample() -> Rows {
    rows(
        &["account_id", "name", "open"],
        vec![
            vec![json!("000000000001"), json!("payments \u{1b}[31mprod"), json!(1200)],
            vec![json!("000000000002"), json!("支付"), json!(7)],
            vec![json!("000000000003"), Value::Null, Value::Null],
        ],
    )
}

#[test]
fn a_table_is_plain_where_no_terminal_is() {
    insta::assert_snapshot!(printed(&sample(), Format::Table, None), @r"
    account_id    name                     open
    000000000001  payments \u{1b}[31mprod  1200
    000000000002  支付                        7
    000000000003
    ");
}

#[test]
fn a_narrow_terminal_wraps_and_then_turns_rows_into_blocks() {
    let wide = rows(
        &["check_id", "resource_arn"],
        vec![vec![
            json!("dms_instance_kms_cmk_encryption"),
            json!("arn:aws:dms:eu-west-1:000000000001:rep:A"),
        ]],
    );
    insta::assert_snapshot!(printed(&wide, Format::Table, Some(60)), @r"
    check_id                       resource_arn
    dms_instance_kms_cmk_encrypti  arn:aws:dms:eu-west-1:0000000
    on                             00001:rep:A
    ");
    insta::assert_snapshot!(printed(&wide, Format::Table, Some(30)), @r"
    check_id      dms_instance_kms_cmk_encryption
    resource_arn  arn:aws:dms:eu-west-1:000000000001:rep:A
    ");
    for width in 20..120 {
        let text = printed(&wide, Format::Table, Some(width));
        assert!(
            width < 34 || text.lines().all(|line| line.chars().count() <= width.into()),
            "{width}\n{text}"
        );
    }
}

#[test]
fn json_keeps_the_order_and_every_column() {
    insta::assert_snapshot!(printed(&sample(), Format::Json, None), @r#"
    [
      {"account_id":"000000000001","name":"payments \u001b[31mprod","open":1200},
      {"account_id":"000000000002","name":"支付","open":7},
      {"account_id":"000000000003","name":null,"open":null}
    ]
    "#);
    assert_eq!(printed(&rows(&["a"], vec![]), Format::Json, None), "[]\n");
    let twice = rows(&["a", "a", "a_2"], vec![vec![json!(1), json!(2), json!(3)]]);
    assert_eq!(printed(&twice, Format::Json, None), "[\n  {\"a\":1,\"a_2\":2,\"a_2_2\":3}\n]\n");
}

#[test]
fn csv_has_its_header_even_without_a_row_and_is_faithful() {
    assert_eq!(printed(&rows(&["a", "b"], vec![]), Format::Csv, None), "a,b\n");
    let hostile = rows(&["a"], vec![vec![json!("=1+1,\"x\"\n\u{1b}")], vec![Value::Null]]);
    assert_eq!(printed(&hostile, Format::Csv, None), "a\n\"=1+1,\"\"x\"\"\n\u{1b}\"\n\"\"\n");
    assert!(!printed(&hostile, Format::Csv, Some(80)).contains('\u{1b}'));
}

#[test]
fn colour_is_for_terminals_only() {
    let rows = rows(&["severity"], vec![vec![json!("critical")]]);
    let text = |color| table(&rows.columns, &rows.rows, Look { width: Some(80), color });
    assert!(text(true).contains("\u{1b}["));
    assert!(!text(false).contains('\u{1b}'));
}

struct Gone(io::ErrorKind);

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(self.0.into())
    }
}

#[test]
fn a_reader_that_has_gone_is_no_error_but_a_full_disk_is() {
    let mut out = Out::new(Box::new(Gone(io::ErrorKind::BrokenPipe)), Look::default());
    out.text("x").unwrap();
    assert!(out.is_closed());
    out.finish().unwrap();
    let mut out = Out::new(Box::new(Gone(io::ErrorKind::StorageFull)), Look::default());
    assert_eq!(out.text("x").unwrap_err().exit.code(), 1);
}
