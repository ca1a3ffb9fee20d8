//! SQL that the build checks against the schema (`.sqlx`), though it is not run in the checked form.
//!
//! It is wrapped for that: SQLite doesn't know the type of every column of a view or an expression, and the
//! checked form insists on them.

/// The SQL of a question without parameters.
macro_rules! checked {
    ($sql:literal) => {{
        const _: fn() = || {
            let _ = sqlx::query_scalar!("SELECT count(*) AS \"rows!: i64\" FROM (" + $sql + "\n)");
        };
        $sql
    }};
}
pub(super) use checked;

/// A [`Question`](super::reader::Question) from its SQL, in one or more pieces, and its parameters, each an
/// `Option<String>`.
macro_rules! question {
    ($first:literal $(+ $more:literal)* $(, $parameter:expr)* $(,)?) => {{
        // For the build alone; nothing is moved into it.
        let _ = || {
            sqlx::query_scalar!(
                "SELECT count(*) AS \"rows!: i64\" FROM (" + $first $(+ $more)* + "\n)"
                $(, $parameter)*
            )
        };
        $crate::history::reader::Question::new(concat!($first $(, $more)*), vec![$($parameter),*])
    }};
}
pub(super) use question;
