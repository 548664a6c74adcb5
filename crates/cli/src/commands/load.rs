//! `baseq load`: files into the warehouse.

use crate::args::{Common, Load, OntologyForm};
use crate::exit::{Exit, Result, usage};
use crate::out::Out;
use crate::progress::progress;
use crate::warehouse;
use load::source::{Rejects, Report};
use load::vcf::{Build, Declared, MoreCopies, VcfOptions};
use load::{
    annotation, beacon, consent, omop, ontology, pedigree, phenopackets, release, schema, table, vcf,
};
use std::path::Path;

pub(super) fn run(kind: &Load, rejects: Option<&Path>, common: &Common, out: Out) -> Result<Exit> {
    let session = warehouse::session(common, None)?;
    let model = session.model();
    let mut rejects = match rejects {
        Some(path) => Rejects::to_file(path)?,
        None => Rejects::strict(),
    };
    let mut store = warehouse::store(session.project(), common)?;
    schema::create_tables(&mut store, model)?;
    let bar = progress();
    let bar = bar.as_ref();
    // Each report is told when its source is in, so that what was loaded before a failure is known.
    let tell = |report: &Report| {
        if !report.already {
            session.record(session::Change::Load {
                kind: report.kind.clone(),
                source: report.name.clone(),
                hash: report.hash.clone(),
                rows: report.rows,
                rejected: report.rejected,
            })?;
        }
        told(report, out)
    };
    match kind {
        Load::Vcf {
            paths,
            build,
            reference,
            covered,
            covered_everywhere,
            create_samples,
            name,
            more_copies_missing,
        } => {
            let build = known_build(build.as_deref())?;
            let declared = match (covered, covered_everywhere) {
                (Some(bed), _) => Declared::Bed(bed),
                (None, true) => Declared::Everywhere,
                (None, false) => Declared::default(),
            };
            let options = VcfOptions {
                build,
                reference: reference.as_deref(),
                covered: declared,
                create_samples: *create_samples,
                name: name.as_deref(),
                more_copies: if *more_copies_missing { MoreCopies::Missing } else { MoreCopies::Refuse },
                terms: None,
            };
            for report in vcf::load(&mut store, model, paths, &options, &mut rejects, bar)? {
                tell(&report)?;
            }
        }
        Load::Pedigree { paths, samples } => {
            for path in paths {
                let options = pedigree::Options { samples: *samples };
                tell(&pedigree::load(&mut store, model, path, options, &mut rejects, bar)?)?;
            }
        }
        Load::Phenopackets { paths, packet_ids } => {
            let ids = if *packet_ids { phenopackets::Ids::Packet } else { phenopackets::Ids::Subject };
            let options = phenopackets::Options { ids };
            tell(&phenopackets::load(&mut store, model, paths, options, &mut rejects, bar)?)?;
        }
        Load::Omop { folders, replace } => {
            for folder in folders {
                let options = omop::Options { replace: *replace };
                tell(&omop::load(&mut store, model, folder, options, &mut rejects, bar)?)?;
            }
        }
        Load::Beacon { collection, paths, keep_known } => {
            let Some(found) = beacon::Collection::of(collection) else {
                return Err(usage(format!(
                    "`{collection}` is no Beacon collection; there are individuals, biosamples, runs, analyses and datasets"
                )));
            };
            for path in paths {
                let options = beacon::Options { keep_known: *keep_known };
                tell(&beacon::load(&mut store, model, found, path, options, &mut rejects, bar)?)?;
            }
        }
        Load::Ontology { paths, system, version, form, replace } => {
            let options = ontology::Options {
                format: form.map(|form| match form {
                    OntologyForm::Obo => ontology::Format::Obo,
                    OntologyForm::Owl => ontology::Format::Owl,
                    OntologyForm::Csv => ontology::Format::Csv,
                    OntologyForm::Icd10cm => ontology::Format::Icd10cm,
                }),
                system: system.clone(),
                version: version.clone(),
                replace: *replace,
            };
            for path in paths {
                tell(&ontology::load(&mut store, path, &options, &mut rejects, bar)?)?;
            }
        }
        Load::Consent { events, scopes, subjects, samples } => {
            let paths = consent::Paths {
                events: events.clone(),
                scopes: scopes.clone(),
                subjects: subjects.clone(),
                samples: samples.clone(),
            };
            if paths.events.is_none()
                && paths.scopes.is_none()
                && paths.subjects.is_none()
                && paths.samples.is_none()
            {
                return Err(usage("give at least one of --events, --scopes, --subjects, --samples"));
            }
            tell(&consent::load(&mut store, model, &paths, &mut rejects, bar)?)?;
        }
        Load::Table { entity, paths } => {
            for path in paths {
                let options = table::Options::default();
                tell(&table::load(&mut store, model, entity, path, &options, &mut rejects, bar)?)?;
            }
        }
        Load::Annotation { paths, gnomad, clinvar, build, reference } => {
            let build = known_build(build.as_deref())?;
            let release = match (gnomad, clinvar) {
                (Some(name), _) => release::Release::Gnomad(name),
                (None, Some(day)) => release::Release::Clinvar(day),
                (None, None) => return Err(usage("give --gnomad RELEASE or --clinvar DATE")),
            };
            for path in paths {
                let options = release::Options { release, build, reference: reference.as_deref() };
                tell(&release::load(&mut store, path, options, &mut rejects, bar)?)?;
            }
        }
        Load::Genes { paths, build, phenotypes } => {
            for path in paths {
                let report = match build {
                    Some(text) if !phenotypes => {
                        let build =
                            Build::read(text).ok_or_else(|| usage(format!("`{text}` is no genome build")))?;
                        annotation::load_genes(&mut store, model, path, build.name(), &mut rejects, bar)?
                    }
                    Some(_) | None => annotation::load_gene_phenotypes(&mut store, path, &mut rejects, bar)?,
                };
                tell(&report)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn known_build(text: Option<&str>) -> Result<Option<Build>> {
    let unknown = |text: &str| usage(format!("`{text}` is no genome build; there are GRCh37 and GRCh38"));
    text.map(|text| Build::read(text).ok_or_else(|| unknown(text))).transpose()
}

/// Says what a source came to.
fn told(report: &Report, out: Out) -> Result<()> {
    if out.json {
        return out.line(
            &serde_json::json!({
                "kind": report.kind, "source": report.name, "rows": report.rows,
                "rejected": report.rejected, "already": report.already, "notes": report.notes,
            })
            .to_string(),
        );
    }
    let what = match (report.already, report.rejected) {
        (true, _) => "was loaded before; nothing was done".to_owned(),
        (false, 0) => format!("{} rows", report.rows),
        (false, rejected) => format!("{} rows, {rejected} records kept as rejects", report.rows),
    };
    out.line(&format!("{} {}: {what}", report.kind, report.name))?;
    for note in &report.notes {
        out.line(&format!("  {note}"))?;
    }
    Ok(())
}
