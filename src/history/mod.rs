//! Step 6, remember: SQLite. The writer applies records, the reader answers.
