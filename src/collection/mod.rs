//! Step 4, look within limits: one observation per target.
