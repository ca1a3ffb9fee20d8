//! SQL that the build checks against the schema (`.sqlx`), though it is not run in the checked form.
//!
//! The form wraps it as what makes a table. SQLite doesn't know the type of every column of a view or an
//! expression, and of a statement that has columns sqlx insists on them.

/// The SQL of a question without parameters.
macro_rules! checked {
    ($sql:literal) => {{
        const _: fn() = || {
            let _ = sqlx::query!("CREATE TEMP TABLE answer AS " + $sql);
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
        let _ = || sqlx::query!("CREATE TEMP TABLE answer AS " + $first $(+ $more)* $(, $parameter)*);
        $crate::history::reader::Question::new(concat!($first $(, $more)*), vec![$($parameter),*])
    }};
}
pub(super) use question;
