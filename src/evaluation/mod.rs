//! Step 5, judge: pure functions from observations to verdicts.
