//! The names of consequences that VEP and SnpEff write, with their Sequence Ontology ids, from most
//! to least severe.
//!
//! Names and order: Ensembl, "Calculated variant consequences", release 113; ids: Sequence Ontology
//! (CC BY 4.0). SnpEff's further names stand where its manual ranks them beside these. A warehouse
//! that has the ontology itself is asked first; see [`super::VcfOptions::terms`].

/// Name, SO id; the place in the list is the severity.
const CONSEQUENCES: &[(&str, &str)] = &[
    ("chromosome_number_variation", "SO:1000182"),
    ("transcript_ablation", "SO:0001893"),
    ("exon_loss_variant", "SO:0001572"),
    ("splice_acceptor_variant", "SO:0001574"),
    ("splice_donor_variant", "SO:0001575"),
    ("stop_gained", "SO:0001587"),
    ("frameshift_variant", "SO:0001589"),
    ("stop_lost", "SO:0001578"),
    ("start_lost", "SO:0002012"),
    ("rare_amino_acid_variant", "SO:0002008"),
    ("bidirectional_gene_fusion", "SO:0002086"),
    ("gene_fusion", "SO:0001565"),
    ("feature_ablation", "SO:0001879"),
    ("transcript_amplification", "SO:0001889"),
    ("feature_elongation", "SO:0001907"),
    ("feature_truncation", "SO:0001906"),
    ("disruptive_inframe_insertion", "SO:0001824"),
    ("disruptive_inframe_deletion", "SO:0001826"),
    ("conservative_inframe_insertion", "SO:0001823"),
    ("conservative_inframe_deletion", "SO:0001825"),
    ("inframe_insertion", "SO:0001821"),
    ("inframe_deletion", "SO:0001822"),
    ("missense_variant", "SO:0001583"),
    ("protein_altering_variant", "SO:0001818"),
    ("splice_donor_5th_base_variant", "SO:0001787"),
    ("splice_region_variant", "SO:0001630"),
    ("splice_donor_region_variant", "SO:0002170"),
    ("splice_polypyrimidine_tract_variant", "SO:0002169"),
    ("5_prime_UTR_premature_start_codon_gain_variant", "SO:0001988"),
    ("5_prime_UTR_truncation", "SO:0002013"),
    ("3_prime_UTR_truncation", "SO:0002015"),
    ("incomplete_terminal_codon_variant", "SO:0001626"),
    ("initiator_codon_variant", "SO:0001582"),
    ("start_retained_variant", "SO:0002019"),
    ("stop_retained_variant", "SO:0001567"),
    ("synonymous_variant", "SO:0001819"),
    ("coding_sequence_variant", "SO:0001580"),
    ("mature_miRNA_variant", "SO:0001620"),
    ("5_prime_UTR_variant", "SO:0001623"),
    ("3_prime_UTR_variant", "SO:0001624"),
    ("non_coding_transcript_exon_variant", "SO:0001792"),
    ("conserved_intron_variant", "SO:0002018"),
    ("intron_variant", "SO:0001627"),
    ("NMD_transcript_variant", "SO:0001621"),
    ("non_coding_transcript_variant", "SO:0001619"),
    ("coding_transcript_variant", "SO:0001968"),
    ("upstream_gene_variant", "SO:0001631"),
    ("downstream_gene_variant", "SO:0001632"),
    ("TFBS_ablation", "SO:0001895"),
    ("TFBS_amplification", "SO:0001892"),
    ("TF_binding_site_variant", "SO:0001782"),
    ("regulatory_region_ablation", "SO:0001894"),
    ("regulatory_region_amplification", "SO:0001891"),
    ("regulatory_region_variant", "SO:0001566"),
    ("conserved_intergenic_variant", "SO:0002017"),
    ("intergenic_region", "SO:0000605"),
    ("intragenic_variant", "SO:0002011"),
    ("gene_variant", "SO:0001564"),
    ("transcript_variant", "SO:0001576"),
    ("exon_variant", "SO:0001791"),
    ("intergenic_variant", "SO:0001628"),
    ("structural_interaction_variant", "SO:0002093"),
    ("protein_protein_contact", "SO:0001093"),
    ("sequence_feature", "SO:0000110"),
    ("sequence_variant", "SO:0001060"),
];

/// The SO id of a consequence.
pub(crate) fn so_id(name: &str) -> Option<&'static str> {
    CONSEQUENCES.iter().find(|(known, _)| *known == name).map(|(_, id)| *id)
}

/// How severe a consequence is: smaller is more so; names that are not ranked come last.
pub(crate) fn severity(name: &str) -> usize {
    CONSEQUENCES.iter().position(|(known, _)| *known == name).unwrap_or(CONSEQUENCES.len())
}

/// All of it, for a test against the ontology.
#[cfg(test)]
pub(crate) fn all() -> &'static [(&'static str, &'static str)] {
    CONSEQUENCES
}
