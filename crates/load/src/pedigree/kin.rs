//! Who is whose child: what cannot be, and who has no recorded relative.

use super::{Person, by_id};
use crate::source::{LoadError, Rejects};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Refuses people whose parents cannot be theirs, and individuals that are there twice; gives back the
/// others. A circle is refused with everyone on it.
pub(super) fn check(
    path: &Path,
    people: Vec<Person>,
    rejects: &mut Rejects,
) -> Result<Vec<Person>, LoadError> {
    let mut reasons: BTreeMap<usize, String> = BTreeMap::new();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, person) in people.iter().enumerate() {
        if let Some(other) = first.insert(&person.id, at) {
            reasons
                .entry(other)
                .or_insert_with(|| format!("individual {} also at line {}", person.id, person.line));
            reasons.insert(at, format!("individual {} also at line {}", person.id, people[other].line));
        }
    }
    let ids = by_id(&people);
    for (at, person) in people.iter().enumerate() {
        if let Some(reason) = wrong_parents(person, &people, &ids) {
            reasons.entry(at).or_insert(reason);
        }
    }
    for at in on_circles(&people, &ids) {
        reasons.entry(at).or_insert_with(|| format!("individual {} is its own ancestor", people[at].id));
    }
    let mut fine = Vec::with_capacity(people.len());
    for (at, person) in people.into_iter().enumerate() {
        match reasons.get(&at) {
            Some(reason) => rejects.refuse(path, person.line, reason, person.text.as_bytes())?,
            None => fine.push(person),
        }
    }
    Ok(fine)
}

fn wrong_parents(person: &Person, people: &[Person], ids: &BTreeMap<&str, usize>) -> Option<String> {
    let id = &person.id;
    if person.father.as_ref() == Some(id) || person.mother.as_ref() == Some(id) {
        return Some(format!("individual {id} is its own parent"));
    }
    if person.father.is_some() && person.father == person.mother {
        return Some(format!("individual {id} has one person as both parents"));
    }
    let wrong = |parent: &Option<String>, role: &str, other: &str| {
        let parent = parent.as_deref()?;
        let sex = people[*ids.get(parent)?].sex;
        (sex == other).then(|| format!("{parent}, the {role} of {id}, is {sex}"))
    };
    wrong(&person.father, "father", "female").or_else(|| wrong(&person.mother, "mother", "male"))
}

/// People who are their own ancestors: those left when everybody without parents in the file is taken
/// away again and again, and then everybody without children.
fn on_circles(people: &[Person], ids: &BTreeMap<&str, usize>) -> BTreeSet<usize> {
    let parents = |at: usize| {
        let named = people[at].father.iter().chain(&people[at].mother);
        named.filter_map(|id| ids.get(id.as_str()).copied()).collect::<Vec<_>>()
    };
    let all: Vec<Vec<usize>> = (0..people.len()).map(parents).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); people.len()];
    for (child, parents) in all.iter().enumerate() {
        for parent in parents {
            children[*parent].push(child);
        }
    }
    let mut left: BTreeSet<usize> = (0..people.len()).collect();
    peel(&all, &children, &mut left);
    peel(&children, &all, &mut left);
    left
}

/// Takes away everyone who has nobody left in `up`, until all have.
fn peel(up: &[Vec<usize>], down: &[Vec<usize>], left: &mut BTreeSet<usize>) {
    let mut waiting: Vec<usize> =
        up.iter().map(|others| others.iter().filter(|other| left.contains(other)).count()).collect();
    let mut free: Vec<usize> = left.iter().copied().filter(|at| waiting[*at] == 0).collect();
    while let Some(at) = free.pop() {
        left.remove(&at);
        for other in &down[at] {
            waiting[*other] = waiting[*other].saturating_sub(1);
            if waiting[*other] == 0 && left.contains(other) {
                free.push(*other);
            }
        }
    }
}

/// For each person whether nobody else is recorded as a relative; none where the file does not say.
///
/// Families are taken apart into groups joined by parents, also by parents who are no individuals. In a
/// group of two or more everybody has a relative: a child and a parent, or children of one parent.
pub(super) fn unrelated(people: &[Person]) -> Vec<Option<bool>> {
    let mut groups = Groups::default();
    for person in people {
        let own = groups.number(&person.id);
        for parent in person.father.iter().chain(&person.mother) {
            let parent = groups.number(parent);
            groups.join(own, parent);
        }
    }
    let mut people_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut family: BTreeMap<&str, usize> = BTreeMap::new();
    for person in people {
        let group = groups.number(&person.id);
        *people_of.entry(groups.root(group)).or_default() += 1;
        *family.entry(&person.family).or_default() += 1;
    }
    people
        .iter()
        .map(|person| {
            let group = groups.number(&person.id);
            let alone = people_of[&groups.root(group)] == 1;
            match person.kin_listed {
                _ if !alone => Some(false),
                Some(listed) => Some(!listed),
                None if family[person.family.as_str()] == 1 => Some(true),
                None => None,
            }
        })
        .collect()
}

/// Disjoint sets of ids.
#[derive(Default)]
struct Groups {
    numbers: BTreeMap<String, usize>,
    up: Vec<usize>,
}

impl Groups {
    fn number(&mut self, id: &str) -> usize {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = self.up.len();
        self.up.push(number);
        self.numbers.insert(id.to_owned(), number);
        number
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.up[at] != at {
            self.up[at] = self.up[self.up[at]];
            at = self.up[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.up[a] = b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, father: Option<&str>, mother: Option<&str>) -> Person {
        Person {
            line: 1,
            text: String::new(),
            family: "F".into(),
            id: id.into(),
            father: father.map(Into::into),
            mother: mother.map(Into::into),
            sex: "unknown",
            population: None,
            kin_listed: None,
        }
    }

    #[test]
    fn only_those_on_the_circle_are_their_own_ancestors() {
        let people = [
            person("grandchild", Some("a"), None),
            person("a", Some("b"), None),
            person("b", Some("a"), Some("m")),
            person("m", None, None),
        ];
        assert_eq!(on_circles(&people, &by_id(&people)), BTreeSet::from([1, 2]));
    }

    #[test]
    fn children_of_an_absent_parent_are_siblings() {
        let people = [person("a", Some("x"), None), person("b", Some("x"), None), person("c", None, None)];
        assert_eq!(unrelated(&people), [Some(false), Some(false), None]);
    }
}
