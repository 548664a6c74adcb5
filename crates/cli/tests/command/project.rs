//! A small project in a folder that goes away, and the built binary run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with a project; sources are loaded by the binary itself.
pub(crate) struct Project {
    folder: TempDir,
}

/// What a command gave.
#[derive(Debug)]
pub(crate) struct Gave {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// People in the warehouse: every second one is female, every fifth has not consented.
const PEOPLE: usize = 60;

impl Project {
    /// What `baseq init` makes.
    pub(crate) fn new() -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        project.baseq(&["init"]).is(0);
        project
    }

    /// The same with people, consent, an ontology, an installed policy and a lock file.
    pub(crate) fn loaded() -> Project {
        Project::new().filled()
    }

    /// The same under another policy than the one that a new project begins with.
    pub(crate) fn loaded_under(policy: &str) -> Project {
        let project = Project::new();
        project.write("policy/example.bq", policy);
        project.filled()
    }

    fn filled(self) -> Project {
        let project = self;
        project.sources();
        project.baseq(&["load", "ontology", "hp.obo"]).is(0);
        project.baseq(&["load", "pedigree", "family.ped", "--samples"]).is(0);
        project
            .baseq(&[
                "load",
                "consent",
                "--events",
                "events.csv",
                "--scopes",
                "scopes.csv",
                "--subjects",
                "subjects.csv",
            ])
            .is(0);
        project.baseq(&["policy", "install"]).is(0);
        project.baseq(&["schema", "pull"]).is(0);
        project
    }

    fn sources(&self) {
        let mut subjects = String::from("subject_id,birth_date,birth_year,death_date,jurisdiction\n");
        let mut events = String::from(
            "event_id,subject_id,sample_id,kind,actor,effective_from,effective_until,recorded_at,withdrawal_level,supersedes\n",
        );
        let mut scopes =
            String::from("event_id,branch,polarity,term,disease,region,until_date,party,project\n");
        let mut family = String::new();
        for person in 0..PEOPLE {
            subjects += &format!("s{person:03},19{}-03-0{},,,\n", 50 + person % 40, 1 + person % 9);
            family += &format!("F{person}\ts{person:03}\t0\t0\t{}\t0\n", 1 + person % 2);
            if person % 5 != 4 {
                events += &format!("e{person},s{person:03},,grant,self,2020-01-01,,2020-01-02T00:00:00Z,,\n");
                scopes += &format!("e{person},1,permit,DUO:0000042,,,,,\n");
            }
        }
        let ontology = "data-version: 2026-01-01\n[Term]\nid: HP:0000001\nname: All\n\n\
                        [Term]\nid: HP:0001250\nname: Seizure\nis_a: HP:0000001\n";
        for (name, text) in [
            ("subjects.csv", subjects.as_str()),
            ("events.csv", &events),
            ("scopes.csv", &scopes),
            ("family.ped", &family),
            ("hp.obo", ontology),
        ] {
            self.write(name, text);
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the binary in the project's folder.
    pub(crate) fn baseq(&self, arguments: &[&str]) -> Gave {
        let output = self.command(arguments).output().unwrap();
        Gave::of(&output)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_baseq"));
        command.args(arguments).current_dir(self.folder.path()).env("NO_COLOR", "1");
        command
    }
}

impl Gave {
    pub(crate) fn of(output: &Output) -> Gave {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Gave { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Fails with all output unless the exit code is this one.
    #[track_caller]
    pub(crate) fn is(self, code: i32) -> Gave {
        assert_eq!(self.code, Some(code), "\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Fails unless stderr holds these words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Gave {
        assert!(self.stderr.contains(words), "`{words}` is not in\n{}", self.stderr);
        self
    }
}
