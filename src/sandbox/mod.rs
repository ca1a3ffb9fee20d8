//! An AWS organization in a box: real protocols over loopback HTTP, for trying and testing.

pub mod world;
