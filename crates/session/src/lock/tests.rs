//! Locks go to disk and back, say what changed, and do not take a damaged pin.

use super::*;
use crate::project::Settings;

fn project() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    let project = Project { root: folder.path().to_owned(), settings: Settings::default(), declared: true };
    (folder, project)
}

fn full() -> (Lock, Vec<PinFile>) {
    let pins = vec![
        PinFile::new("HP-2025-01-16", "pin", b"one".to_vec()),
        PinFile::new("policy-a \"b\"/c", "bq", b"two".to_vec()),
        PinFile::new("genes", "txt", b"BRCA1\n".to_vec()),
    ];
    let lock = Lock {
        warehouse: Warehouse {
            model: "genomics 1".into(),
            schema: "ab".into(),
            builds: vec!["GRCh37".into()],
        },
        policy: Some(Policy {
            sha256: "cd".into(),
            agreements: vec!["A \"quoted\" version 1".into()],
            file: vec![PolicyFile {
                name: "a.bq".into(),
                pin: pins[1].name.clone(),
                sha256: pins[1].sha256.clone(),
            }],
        }),
        genes: Some(Pinned {
            count: 1,
            pin: pins[2].name.clone(),
            sha256: pins[2].sha256.clone(),
            loaded: None,
        }),
        alleles: None,
        ontology: vec![OntologyLock {
            system: "HP".into(),
            version: "2025-01-16".into(),
            terms: 3,
            source: "ef".into(),
            pin: pins[0].name.clone(),
            sha256: pins[0].sha256.clone(),
        }],
        ..lock_of(Warehouse::default())
    };
    (lock, pins)
}

#[test]
fn what_is_written_is_read() {
    let (_folder, project) = project();
    assert_eq!(Lock::read(&project).unwrap(), None);
    let (lock, pins) = full();
    lock.write(&project, &pins).unwrap();
    assert_eq!(Lock::read(&project).unwrap().as_ref(), Some(&lock));
    assert_eq!(read_pin(&project, &pins[0].name, &pins[0].sha256).unwrap(), b"one");
    assert!(lock.changes(&lock).is_empty());
}

#[test]
fn old_pins_go() {
    let (_folder, project) = project();
    let (lock, pins) = full();
    lock.write(&project, &pins).unwrap();
    let bare = lock_of(Warehouse::default());
    bare.write(&project, &[]).unwrap();
    assert_eq!(std::fs::read_dir(project.root.join(PINS)).unwrap().count(), 0);
    let changes = lock.changes(&bare);
    assert!(
        changes.iter().any(|line| line.starts_with("HP: 2025-01-16, 3 terms") && line.ends_with("is gone")),
        "{changes:?}"
    );
}

#[test]
fn a_changed_pin_is_refused() {
    let (_folder, project) = project();
    let (lock, pins) = full();
    lock.write(&project, &pins).unwrap();
    std::fs::write(project.root.join(PINS).join(&pins[0].name), "other").unwrap();
    let trouble = read_pin(&project, &pins[0].name, &pins[0].sha256).unwrap_err();
    assert_eq!(trouble.diagnostics[0].code, LOCK);
    assert!(read_pin(&project, "../../baseq.lock", "").is_err());
}

#[test]
fn a_lock_of_another_form_is_refused() {
    let (_folder, project) = project();
    let (lock, _) = full();
    std::fs::write(project.root.join(LOCK_FILE), lock.text().replace("format = 1", "format = 2")).unwrap();
    assert!(Lock::read(&project).unwrap_err().diagnostics[0].message.contains("form 2"));
}
