//! The genes of the demo: where they lie on GRCh38, and the transcripts that its annotation names.
//!
//! Intervals and gene ids are those of Ensembl. Transcripts and proteins follow MANE, RefSeq name first, as VEP
//! writes them when asked for RefSeq; they were not compared with a release of MANE, and nothing but the names
//! in the annotation hangs on them. The sites that the demo makes within the genes are invented; `sites` says
//! which.

/// A contig that the demo has genotypes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contig {
    One,
    Two,
    Seven,
    Ten,
    Eleven,
    Thirteen,
    Fourteen,
    Seventeen,
    TwentyTwo,
    X,
    Y,
    Mt,
}

impl Contig {
    /// All of them, in the order of the files.
    pub(crate) const ALL: [Contig; 12] = [
        Contig::One,
        Contig::Two,
        Contig::Seven,
        Contig::Ten,
        Contig::Eleven,
        Contig::Thirteen,
        Contig::Fourteen,
        Contig::Seventeen,
        Contig::TwentyTwo,
        Contig::X,
        Contig::Y,
        Contig::Mt,
    ];

    /// As the VCF files name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Contig::One => "chr1",
            Contig::Two => "chr2",
            Contig::Seven => "chr7",
            Contig::Ten => "chr10",
            Contig::Eleven => "chr11",
            Contig::Thirteen => "chr13",
            Contig::Fourteen => "chr14",
            Contig::Seventeen => "chr17",
            Contig::TwentyTwo => "chr22",
            Contig::X => "chrX",
            Contig::Y => "chrY",
            Contig::Mt => "chrM",
        }
    }

    /// As Ensembl names it.
    pub(crate) fn ensembl(self) -> &'static str {
        if self == Contig::Mt { "MT" } else { &self.name()[3..] }
    }

    /// Bases in GRCh38.
    pub(crate) fn length(self) -> u32 {
        match self {
            Contig::One => 248_956_422,
            Contig::Two => 242_193_529,
            Contig::Seven => 159_345_973,
            Contig::Ten => 133_797_422,
            Contig::Eleven => 135_086_622,
            Contig::Thirteen => 114_364_328,
            Contig::Fourteen => 107_043_718,
            Contig::Seventeen => 83_257_441,
            Contig::TwentyTwo => 50_818_468,
            Contig::X => 156_040_895,
            Contig::Y => 57_227_415,
            Contig::Mt => 16_569,
        }
    }
}

/// Whether a position of X lies in the first pseudo-autosomal region of GRCh38.
pub(crate) fn in_par(position: u32) -> bool {
    (10_001..=2_781_479).contains(&position)
}

/// A gene.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gene {
    pub symbol: &'static str,
    pub contig: Contig,
    /// First and last base, 1-based, both included.
    pub start: u32,
    pub end: u32,
    /// Whether it is read from the forward strand.
    pub forward: bool,
    pub ensembl: &'static str,
    /// The reported transcript.
    pub transcript: &'static str,
    /// The same transcript in Ensembl, for the MANE column; nothing where the gene has no MANE transcript.
    pub mane: &'static str,
    /// Its protein; nothing where it has none.
    pub protein: &'static str,
    /// Another transcript, in which every site lies in an intron; nothing where the demo names none.
    pub other: &'static str,
    /// Coding bases, for the numbers of made sites.
    pub coding: u32,
    /// How many sites are made in it.
    pub sites: u32,
}

const fn gene(
    symbol: &'static str,
    contig: Contig,
    span: (u32, u32),
    forward: bool,
    ids: [&'static str; 5],
    coding: u32,
    sites: u32,
) -> Gene {
    let [ensembl, transcript, mane, protein, other] = ids;
    Gene {
        symbol,
        contig,
        start: span.0,
        end: span.1,
        forward,
        ensembl,
        transcript,
        mane,
        protein,
        other,
        coding,
        sites,
    }
}

/// All genes, by contig and position.
#[rustfmt::skip]
pub(crate) const GENES: [Gene; 32] = [
    gene("GBA1", Contig::One, (155_234_452, 155_244_699), false, ["ENSG00000177628", "NM_000157.4", "ENST00000368373.8", "NP_000148.2", ""], 1_611, 12),
    gene("TNNT2", Contig::One, (201_359_008, 201_377_762), false, ["ENSG00000118194", "NM_001276345.2", "ENST00000656932.1", "NP_001263274.1", ""], 897, 12),
    gene("SCN1A", Contig::Two, (165_989_160, 166_149_214), false, ["ENSG00000144285", "NM_001165963.4", "ENST00000674923.1", "NP_001159435.1", ""], 6_030, 20),
    gene("GCK", Contig::Seven, (44_144_271, 44_198_170), false, ["ENSG00000106633", "NM_000162.5", "ENST00000403799.8", "NP_000153.1", ""], 1_398, 24),
    gene("CFTR", Contig::Seven, (117_465_784, 117_715_971), true, ["ENSG00000001626", "NM_000492.4", "ENST00000003084.11", "NP_000483.3", ""], 4_443, 40),
    gene("BRAF", Contig::Seven, (140_719_327, 140_924_764), false, ["ENSG00000157764", "NM_004333.6", "ENST00000646891.2", "NP_004324.2", ""], 2_301, 20),
    gene("CYP2C19", Contig::Ten, (94_762_624, 94_853_260), true, ["ENSG00000165841", "NM_000769.4", "ENST00000371321.9", "NP_000760.1", ""], 1_473, 8),
    gene("MYBPC3", Contig::Eleven, (47_331_397, 47_352_702), false, ["ENSG00000134571", "NM_000256.3", "ENST00000545968.6", "NP_000247.2", ""], 3_825, 20),
    gene("BRCA2", Contig::Thirteen, (32_315_474, 32_400_266), true, ["ENSG00000139618", "NM_000059.4", "ENST00000380152.8", "NP_000050.3", ""], 10_257, 24),
    gene("MYH7", Contig::Fourteen, (23_412_738, 23_435_718), false, ["ENSG00000092054", "NM_000257.4", "ENST00000355349.4", "NP_000248.2", ""], 5_808, 18),
    gene("TP53", Contig::Seventeen, (7_661_779, 7_687_550), false, ["ENSG00000141510", "NM_000546.6", "ENST00000269305.9", "NP_000537.3", "NM_001126112.3"], 1_182, 22),
    gene("NF1", Contig::Seventeen, (31_094_927, 31_382_116), true, ["ENSG00000196712", "NM_001042492.3", "ENST00000358273.9", "NP_001035957.1", "NM_000267.3"], 8_520, 30),
    gene("HNF1B", Contig::Seventeen, (37_686_432, 37_745_247), false, ["ENSG00000275410", "NM_000458.4", "ENST00000617811.5", "NP_000449.1", ""], 1_674, 16),
    gene("BRCA1", Contig::Seventeen, (43_044_295, 43_170_245), false, ["ENSG00000012048", "NM_007294.4", "ENST00000357654.9", "NP_009225.1", "NM_007300.4"], 5_592, 40),
    gene("GAA", Contig::Seventeen, (80_101_556, 80_119_879), true, ["ENSG00000171298", "NM_000152.5", "ENST00000302262.8", "NP_000143.2", ""], 2_859, 18),
    gene("COMT", Contig::TwentyTwo, (19_941_607, 19_969_975), true, ["ENSG00000093010", "NM_000754.4", "ENST00000361682.11", "NP_000745.1", ""], 816, 16),
    gene("CHEK2", Contig::TwentyTwo, (28_687_743, 28_742_422), false, ["ENSG00000183765", "NM_007194.4", "ENST00000404276.6", "NP_009125.1", ""], 1_632, 22),
    gene("NF2", Contig::TwentyTwo, (29_603_556, 29_698_598), true, ["ENSG00000186575", "NM_000268.4", "ENST00000338641.10", "NP_000259.1", ""], 1_788, 18),
    gene("APOL1", Contig::TwentyTwo, (36_253_010, 36_267_530), true, ["ENSG00000100342", "NM_003661.4", "ENST00000397278.8", "NP_003652.2", ""], 1_197, 14),
    gene("PNPLA3", Contig::TwentyTwo, (43_923_739, 43_964_488), true, ["ENSG00000100344", "NM_025225.3", "ENST00000216180.8", "NP_079501.2", ""], 1_446, 18),
    gene("SHANK3", Contig::TwentyTwo, (50_674_415, 50_733_298), true, ["ENSG00000251322", "NM_001372044.2", "ENST00000692848.2", "NP_001358973.1", ""], 5_421, 26),
    gene("SHOX", Contig::X, (624_344, 659_411), true, ["ENSG00000185960", "NM_000451.4", "ENST00000686671.1", "NP_000442.1", ""], 879, 16),
    gene("DMD", Contig::X, (31_097_677, 33_339_441), false, ["ENSG00000198947", "NM_004006.3", "ENST00000357033.9", "NP_003997.2", "NM_004009.3"], 11_058, 44),
    gene("MECP2", Contig::X, (154_021_573, 154_137_103), false, ["ENSG00000169057", "NM_001110792.2", "ENST00000453960.7", "NP_001104262.1", "NM_004992.4"], 1_497, 16),
    gene("G6PD", Contig::X, (154_531_391, 154_547_572), false, ["ENSG00000160211", "NM_001360016.2", "ENST00000393562.10", "NP_001346945.1", ""], 1_548, 14),
    gene("SRY", Contig::Y, (2_786_855, 2_787_699), false, ["ENSG00000184895", "NM_003140.3", "ENST00000383070.2", "NP_003131.1", ""], 615, 6),
    gene("USP9Y", Contig::Y, (12_701_231, 12_860_839), true, ["ENSG00000114374", "NM_004654.4", "ENST00000338981.7", "NP_004645.2", ""], 7_668, 12),
    gene("MT-RNR1", Contig::Mt, (648, 1_601), true, ["ENSG00000211459", "ENST00000389680.2", "", "", ""], 954, 4),
    gene("MT-TL1", Contig::Mt, (3_230, 3_304), true, ["ENSG00000209082", "ENST00000386347.1", "", "", ""], 75, 0),
    gene("MT-ND1", Contig::Mt, (3_307, 4_262), true, ["ENSG00000198888", "ENST00000361390.2", "", "ENSP00000354687.2", ""], 956, 6),
    gene("MT-ND4", Contig::Mt, (10_760, 12_137), true, ["ENSG00000198886", "ENST00000361381.2", "", "ENSP00000354961.2", ""], 1_378, 7),
    gene("MT-CYB", Contig::Mt, (14_747, 15_887), true, ["ENSG00000198727", "ENST00000361789.2", "", "ENSP00000354554.2", ""], 1_141, 6),
];

/// The place of a gene in [`GENES`].
pub(crate) fn gene_of(symbol: &str) -> usize {
    GENES.iter().position(|gene| gene.symbol == symbol).unwrap_or(0)
}
