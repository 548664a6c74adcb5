//! Genes and their phenotypes.

mod support;

use load::annotation::{load_gene_phenotypes, load_genes};
use load::source::{Rejects, Silent};
use support::{genomics, kept, number, refused, rows, shared, warehouse, written};

#[test]
fn genes_of_primary_contigs() {
    let model = genomics();
    let mut store = warehouse(&model);
    let text = "#Chromosome/scaffold name\tGene Start (bp)\tGene End (bp)\tHGNC symbol\tGene ID\n\
                2\t110\t120\tMIR2\tENSG1\n2\t110\t120\tMIR1\tENSG1\nHG1_PATCH\t1\t2\tA\tENSG2\n\
                X\t9\t8\tB\tENSG3\nMT\t1\t9\t\tENSG4\nY\tx\t9\tC\tENSG5\n";
    let (mut rejects, path) = kept();
    let report =
        load_genes(&mut store, &model, &written("g.txt", text), "GRCh37", &mut rejects, &Silent).unwrap();
    assert_eq!(
        report.notes,
        [
            "1 genes of patches and alternative haplotypes were left out",
            "1 further symbols of genes were left out"
        ]
    );
    assert_eq!(refused(&path), ["5: ENSG3 from 9 to 8 is no interval of a gene", "7: `x` is not a position"]);
    assert_eq!(
        rows(
            &mut store,
            &["gene_id", "build", "symbol", "contig", "position", "end_position"],
            "from gene order by 1"
        ),
        ["ENSG1|GRCh37|MIR1|2|110|120", "ENSG4|GRCh37|-|MT|1|9"]
    );
}

#[test]
fn the_real_genes_and_phenotypes() {
    let model = genomics();
    let mut store = warehouse(&model);
    for (file, build) in [("37", "GRCh37"), ("38", "GRCh38")] {
        let Some(path) = shared(&format!("data/ensembl-genes/ensembl_genes_{file}.txt.gz")) else { return };
        load_genes(&mut store, &model, &path, build, &mut Rejects::strict(), &Silent).unwrap();
    }
    assert_eq!(
        rows(&mut store, &["build", "contig"], "from gene where symbol = 'CFTR' order by 1"),
        ["GRCh37|7", "GRCh38|7"]
    );
    let Some(path) = shared("data/hpo-2025-01-16/genes_to_phenotype.txt.gz") else { return };
    load_gene_phenotypes(&mut store, &path, &mut Rejects::strict(), &Silent).unwrap();
    assert!(number(&mut store, "select count(*) from gene_phenotype where symbol = 'CFTR'") > 10);
    assert_eq!(
        number(&mut store, "select count(distinct (symbol, term, disease)) from gene_phenotype"),
        number(&mut store, "select count(*) from gene_phenotype")
    );
}
