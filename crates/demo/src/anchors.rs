//! Alleles that a query may name: known ones under their rs numbers, and some that cause disease in the demo.
//!
//! Positions are on GRCh38, alleles as VCF writes them, names as HGVS does on the transcript that the gene
//! reports. Those that the examples name, and CFTR p.Phe508del, were compared with public sources; the others
//! were not, so nobody should take a position from here. Those without an rs number are made like the sites
//! around them, and so is how often all of them occur: per million copies, for AFR, AMR, EAS, EUR, SAS.

/// An allele with a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    pub gene: &'static str,
    pub position: u32,
    pub rs: &'static str,
    pub reference: &'static str,
    pub alternate: &'static str,
    pub consequence: &'static str,
    /// Without the accession.
    pub hgvs_c: &'static str,
    /// Without the accession; nothing where no protein changes.
    pub hgvs_p: &'static str,
    pub per_million: [u32; 5],
}

const fn anchor(
    gene: &'static str,
    at: (u32, &'static str, &'static str),
    rs: &'static str,
    consequence: &'static str,
    names: (&'static str, &'static str),
    per_million: [u32; 5],
) -> Anchor {
    let (position, reference, alternate) = at;
    let (hgvs_c, hgvs_p) = names;
    Anchor { gene, position, rs, reference, alternate, consequence, hgvs_c, hgvs_p, per_million }
}

/// All of them, by contig and position within the gene's contig.
#[rustfmt::skip]
pub(crate) const ANCHORS: [Anchor; 37] = [
    anchor("GBA1", (155_235_727, "C", "CA"), "", "frameshift_variant", ("c.1309dup", "p.Val437GlyfsTer9"), [0; 5]),
    anchor("GBA1", (155_238_228, "G", "A"), "", "stop_gained", ("c.667C>T", "p.Gln223Ter"), [0; 5]),
    anchor("SCN1A", (166_002_702, "G", "A"), "", "stop_gained", ("c.4573C>T", "p.Arg1525Ter"), [0; 5]),
    anchor("GCK", (44_189_469, "C", "T"), "rs1799884", "upstream_gene_variant", ("", ""), [150_000, 190_000, 180_000, 170_000, 160_000]),
    anchor("CFTR", (117_530_975, "G", "A"), "rs78655421", "missense_variant", ("c.350G>A", "p.Arg117His"), [400, 900, 100, 2_600, 300]),
    anchor("CFTR", (117_559_479, "G", "A"), "rs213950", "missense_variant", ("c.1408G>A", "p.Val470Met"), [70_000, 380_000, 620_000, 480_000, 450_000]),
    anchor("CFTR", (117_559_590, "ATCT", "A"), "rs113993960", "inframe_deletion", ("c.1521_1523del", "p.Phe508del"), [2_000, 6_000, 300, 14_000, 2_500]),
    anchor("CFTR", (117_587_778, "G", "T"), "rs113993959", "stop_gained", ("c.1624G>T", "p.Gly542Ter"), [300, 600, 0, 900, 100]),
    anchor("CFTR", (117_587_806, "G", "A"), "rs75527207", "missense_variant", ("c.1652G>A", "p.Gly551Asp"), [100, 200, 0, 1_000, 200]),
    anchor("CYP2C19", (94_780_653, "G", "A"), "rs4986893", "stop_gained", ("c.636G>A", "p.Trp212Ter"), [200, 300, 60_000, 200, 4_000]),
    anchor("CYP2C19", (94_781_859, "G", "A"), "rs4244285", "synonymous_variant", ("c.681G>A", "p.Pro227%3D"), [180_000, 100_000, 310_000, 150_000, 330_000]),
    anchor("MYBPC3", (47_337_500, "G", "GC"), "", "frameshift_variant", ("c.2311dup", "p.Val771GlyfsTer12"), [60, 90, 0, 700, 80]),
    anchor("MYBPC3", (47_342_700, "C", "T"), "", "splice_donor_variant", ("c.1624+1G>A", ""), [0, 120, 0, 600, 50]),
    anchor("BRCA2", (32_340_300, "GT", "G"), "rs80359550", "frameshift_variant", ("c.5946del", "p.Ser1982ArgfsTer22"), [0, 15_000, 0, 36_000, 0]),
    anchor("TP53", (7_674_220, "C", "T"), "rs11540652", "missense_variant", ("c.743G>A", "p.Arg248Gln"), [0, 100, 0, 200, 100]),
    anchor("TP53", (7_676_154, "G", "C"), "rs1042522", "missense_variant", ("c.215C>G", "p.Pro72Arg"), [380_000, 680_000, 560_000, 730_000, 500_000]),
    anchor("BRCA1", (43_057_062, "T", "TG"), "rs80357906", "frameshift_variant", ("c.5266dup", "p.Gln1756ProfsTer74"), [0, 0, 0, 32_000, 0]),
    anchor("BRCA1", (43_092_919, "G", "A"), "rs799917", "missense_variant", ("c.2612C>T", "p.Pro871Leu"), [820_000, 430_000, 370_000, 340_000, 480_000]),
    anchor("BRCA1", (43_106_487, "A", "C"), "rs28897672", "missense_variant", ("c.181T>G", "p.Cys61Gly"), [0, 200, 0, 900, 0]),
    anchor("BRCA1", (43_124_027, "ACT", "A"), "rs80357914", "frameshift_variant", ("c.68_69del", "p.Glu23ValfsTer17"), [0, 75_000, 0, 48_000, 0]),
    anchor("GAA", (80_105_100, "T", "TA"), "", "frameshift_variant", ("c.717dup", "p.Gly240ArgfsTer31"), [0; 5]),
    anchor("GAA", (80_112_030, "G", "A"), "", "missense_variant", ("c.1564C>T", "p.Pro522Ser"), [0; 5]),
    anchor("COMT", (19_963_748, "G", "A"), "rs4680", "missense_variant", ("c.472G>A", "p.Val158Met"), [290_000, 400_000, 280_000, 500_000, 440_000]),
    anchor("CHEK2", (28_695_868, "AG", "A"), "rs555607708", "frameshift_variant", ("c.1100del", "p.Thr367MetfsTer15"), [300, 800, 0, 3_000, 100]),
    anchor("CHEK2", (28_725_099, "A", "G"), "rs17879961", "missense_variant", ("c.470T>C", "p.Ile157Thr"), [200, 900, 0, 6_000, 200]),
    anchor("APOL1", (36_265_860, "A", "G"), "rs73885319", "missense_variant", ("c.1024A>G", "p.Ser342Gly"), [230_000, 15_000, 0, 200, 0]),
    anchor("APOL1", (36_265_988, "T", "G"), "rs60910145", "missense_variant", ("c.1152T>G", "p.Ile384Met"), [220_000, 14_000, 0, 200, 0]),
    anchor("APOL1", (36_265_995, "AATAATT", "A"), "rs71785313", "inframe_deletion", ("c.1164_1169del", "p.Asn388_Tyr389del"), [130_000, 9_000, 0, 100, 0]),
    anchor("PNPLA3", (43_928_847, "C", "G"), "rs738409", "missense_variant", ("c.444C>G", "p.Ile148Met"), [120_000, 480_000, 380_000, 230_000, 250_000]),
    anchor("SHANK3", (50_721_504, "C", "CG"), "", "frameshift_variant", ("c.3679dup", "p.Ala1227GlyfsTer69"), [0; 5]),
    anchor("DMD", (31_774_106, "CAG", "C"), "", "frameshift_variant", ("c.6913_6914del", "p.Leu2305GlyfsTer8"), [0; 5]),
    anchor("MECP2", (154_031_326, "G", "A"), "", "stop_gained", ("c.538C>T", "p.Arg180Ter"), [0; 5]),
    anchor("G6PD", (154_535_277, "T", "C"), "rs1050829", "missense_variant", ("c.376A>G", "p.Asn126Asp"), [310_000, 30_000, 0, 300, 800]),
    anchor("G6PD", (154_536_002, "C", "T"), "rs1050828", "missense_variant", ("c.202G>A", "p.Val68Met"), [120_000, 12_000, 0, 200, 300]),
    anchor("MT-RNR1", (1_555, "A", "G"), "rs267606617", "non_coding_transcript_exon_variant", ("n.908A>G", ""), [1_000, 1_000, 3_000, 2_000, 2_000]),
    anchor("MT-TL1", (3_243, "A", "G"), "rs199474657", "non_coding_transcript_exon_variant", ("n.14A>G", ""), [0, 500, 500, 1_000, 500]),
    anchor("MT-ND4", (11_778, "G", "A"), "rs199476112", "missense_variant", ("c.1019G>A", "p.Arg340His"), [500, 1_500, 1_000, 2_500, 1_000]),
];
