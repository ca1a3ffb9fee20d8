//! Wiring: builds clients and stores, runs a scan from end to end, owns the clock and the shutdown.
