#[test]
fn try_it() {
    std::fs::copy(super::example().path().join("history.db"), "/tmp/sql-example.db").unwrap();
}
