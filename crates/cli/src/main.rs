//! The binary `baseq`.

fn main() {}
