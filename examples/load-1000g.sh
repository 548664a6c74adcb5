#!/bin/sh
# Loads real, public data into one warehouse and prints what each source took: chromosome 22 of the 1000 Genomes
# Project with its pedigree, the synthetic CINECA cohort of the same people, a synthetic consent history for
# each of them, the phenopacket store, and the ontologies that their codes come from.
#
#   examples/load-1000g.sh DATA [DIR]
#
# DATA holds the folders `data` and `oracles` as the tests expect them in ../shared; DIR is the project to make.
# BASEQ names the binary, by default `baseq`. Only what `baseq load` says of each source is printed, and times.
set -eu

DATA=${1:?which folder holds data/ and oracles/?}
DIR=${2:-thousand-genomes}
BASEQ=${BASEQ:-baseq}
data=$DATA/data
consent=$DATA/oracles/consent

if [ ! -d "$data" ] || [ ! -d "$consent" ]; then
  echo "$DATA has no data/ and oracles/consent/" >&2
  exit 2
fi

# load WORDS...: one source, with the seconds it took.
load() {
  begun=$(date +%s)
  "$BASEQ" --project "$DIR" load "$@"
  echo "  $(($(date +%s) - begun)) s"
}

started=$(date +%s)
"$BASEQ" init "$DIR"

echo; echo "Ontologies first, so that the codes of all other sources are checked against them."
load ontology "$data/hpo-2025-01-16/hp.obo.gz"
load ontology "$data/so/so.obo"
load ontology "$data/doid-2015/doid.2015-11-25.obo.gz"
load ontology "$data/duo/duo.owl"

echo; echo "People and families, with a sample each; then the second samples and births that the consents speak of."
load pedigree "$data/1000g-samples/20130606_g1k.ped" --samples
load consent --subjects "$consent/subject.csv" --samples "$consent/sample.csv" \
  --events "$consent/consent_event.csv" --scopes "$consent/consent_scope.csv"

echo; echo "Genotypes: the file says nothing of sites that it leaves out, so they are reference for nobody."
load vcf "$data/1000g-chr22-grch37/10k.chr22.phase3.20130502.genotypes.vcf.gz" --build GRCh37

echo; echo "The CINECA cohort of the same people. Where it says another day of collection than the consents, theirs is kept."
cineca=$data/cineca-uk1
for collection in individuals biosamples runs analyses; do
  load beacon "$collection" "$cineca/bff-ega/$collection.json" --keep-known --rejects "$DIR/rejects-$collection.tsv"
done

echo; echo "Published cases. Every publication counts its patients from 1, so packets go by their own ids."
load phenopackets "$data/phenopacket-store/phenopackets.dev.tar.xz" --packet-ids --rejects "$DIR/rejects-phenopackets.tsv"

echo; echo "Genes of the build."
load genes "$data/ensembl-genes/ensembl_genes_37.txt.gz" --build GRCh37

echo; echo "What a check must know, without a warehouse."
"$BASEQ" --project "$DIR" schema pull

echo
echo "All in $(($(date +%s) - started)) s"
du -h "$DIR/warehouse.duckdb" "$DIR/.baseq"
for rejects in "$DIR"/rejects-*.tsv; do
  [ -s "$rejects" ] || continue
  echo "$(wc -l <"$rejects") records refused, with their reasons, in $rejects"
done
