//! Accounts receivable as a library.
#![forbid(unsafe_code)]
