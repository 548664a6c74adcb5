//! What a steward does: see what a draft changes, sign what widens, trust another steward.

use crate::project::Project;

/// The example policy with another number of people, as a new version.
fn version(project: &Project, number: u32, min_subjects: u32) -> String {
    project
        .read("policy/example.bq")
        .replace("version 1", &format!("version {number}"))
        .replace("min subjects 10", &format!("min subjects {min_subjects}"))
}

#[test]
fn what_widens_needs_the_signature_of_a_trusted_steward() {
    let project = Project::loaded();
    for name in ["ada", "ben", "eve"] {
        project.baseq(&["key", name]).is(0);
    }
    project.baseq(&["policy", "diff"]).is(0).says("nothing changes");
    project.baseq(&["policy", "check"]).is(0);
    let (strict, loose, looser) =
        (version(&project, 2, 20), version(&project, 3, 10), version(&project, 4, 5));
    // The first key is taken as it comes; the next one needs the signature of the first.
    project.baseq(&["policy", "trust", "ada.pub"]).is(0);
    project.baseq(&["policy", "trust", "eve.pub"]).is(3).says("E0817");
    project.baseq(&["policy", "trust", "eve.pub", "--key", "eve"]).is(3);

    // Narrowing is free.
    project.write("policy/example.bq", &strict);
    let diff = project.baseq(&["policy", "diff"]).is(0).says("no signature is needed");
    assert!(diff.stdout.contains("narrows  \"EXAMPLE\": min subjects 20, was 10"), "{}", diff.stdout);
    project.baseq(&["policy", "install"]).is(0);
    project.baseq(&["schema", "pull"]).is(0);

    // Widening is not, neither without a signature nor with somebody's.
    project.write("policy/example.bq", &loose);
    project.baseq(&["policy", "diff"]).is(0).says("signature is needed");
    project.baseq(&["policy", "install"]).is(3).says("E0817");
    project.baseq(&["policy", "install", "--key", "eve"]).is(3).says("does not trust");
    project.baseq(&["policy", "install", "--key", "ada"]).is(0).says("signed by baseq-public-key");
    project.baseq(&["schema", "pull"]).is(0);

    // A steward vouches for another, who may then sign.
    project.baseq(&["policy", "trust", "ben.pub", "--key", "ada"]).is(0);
    project.write("policy/example.bq", &looser);
    project.baseq(&["policy", "install", "--key", "ben"]).is(0);
    // And never back, signed or not.
    project.write("policy/example.bq", &strict);
    project.baseq(&["policy", "install", "--key", "ada"]).is(3).says("never goes back");
    // Nor by way of a policy that does not have the agreement at all.
    let other = looser.replace("\"EXAMPLE\"", "\"OTHER\"");
    project.write("policy/example.bq", &other);
    project.baseq(&["policy", "install", "--key", "ada"]).is(0);
    project.write("policy/example.bq", &strict);
    project.baseq(&["policy", "install", "--key", "ada"]).is(3).says("never goes back to 2");
    let log = project.baseq(&["activity"]).is(0);
    assert_eq!(log.stdout.matches("steward").count(), 2, "{}", log.stdout);
    project.baseq(&["audit", "verify"]).is(0);
}
