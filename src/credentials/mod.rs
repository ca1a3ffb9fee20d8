//! Step 2, how to get in: an audit-role session per account.
