//! The command line: clap types, one function per command, and the output formats.
