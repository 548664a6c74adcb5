//! The tests of this crate that go through its door, in one binary.

#[cfg(test)]
mod ebnf;
mod grammar;
mod pages;
mod robust;
mod shared;
