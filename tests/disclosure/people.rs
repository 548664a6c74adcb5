//! Made people, the same for the same seed.

/// A person: what anybody may know of them, and what is nobody's business.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) woman: bool,
    /// Years.
    pub(crate) age: u32,
    pub(crate) region: u32,
    /// Months since the warehouse began.
    pub(crate) joined: u32,
    /// Six diagnoses.
    pub(crate) has: [bool; 6],
}

/// How common each diagnosis is, in hundredths.
pub(crate) const COMMON: [u32; 6] = [50, 30, 20, 10, 5, 2];
pub(crate) const REGIONS: u32 = 10;
pub(crate) const MONTHS: u32 = 36;

pub(crate) fn made(number: usize, random: &mut fastrand::Rng) -> Vec<Person> {
    let person = |_| {
        let age = 18 + (random.u32(0..40) + random.u32(0..40));
        Person {
            woman: random.u32(0..100) < 53,
            age,
            region: random.u32(0..REGIONS),
            joined: random.u32(0..MONTHS),
            // Older people have more.
            has: COMMON.map(|common| random.u32(0..100) < common * (40 + age) / 100),
        }
    };
    (0..number).map(person).collect()
}
