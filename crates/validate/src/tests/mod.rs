//! What the compiler emits is accepted, and what is left of it after damage is not.

mod bench;

#[test]
fn what_the_compiler_emits_is_accepted() {
    for case in bench::emitted() {
        let receipt = crate::validate(&case.text, &case.demand);
        assert!(receipt.is_ok(), "{}: {:#?}", case.name, receipt.map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>()));
    }
}
