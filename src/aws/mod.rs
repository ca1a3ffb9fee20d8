//! The edge to AWS that every stage shares: one HTTP client, rate limits, retries, and one place that sorts errors.
