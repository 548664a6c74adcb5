//! The head of a file: which agreements hold, on which dates, and for what purpose.

use crate::agreement::Agreement;
use crate::codes;
use crate::consent::Purpose;
use crate::meet::outside;
use crate::permitted::{Context, Receipt};
use crate::read::{PolicySet, with_near};
use diag::{Diagnostic, near_names};
use text::Range;
use types::{Query, Uses};

/// What the head of a file comes to.
#[derive(Debug, Default)]
pub(super) struct Header<'a> {
    /// The agreements, all of which must allow everything. Empty where there are none, or one is wrong.
    pub(super) agreements: Vec<&'a Agreement>,
    /// The purpose that consent is asked for.
    pub(super) purpose: Option<Purpose>,
    /// The purpose of the agreements, where `purpose` is narrower.
    pub(super) agreed: Option<Purpose>,
    /// Whether something is wrong with it, already reported: then nothing of people may be read.
    pub(super) broken: bool,
    pub(super) receipts: Vec<Receipt>,
}

pub(super) fn judge<'a>(
    query: &Query,
    policy: &'a PolicySet,
    context: &Context<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Header<'a> {
    let mut header = Header::default();
    let Some(uses) = &query.uses else { return header };
    let before = diagnostics.len();
    let mut found = Vec::new();
    for (name, range) in &uses.agreements {
        match policy.agreements.get(name) {
            Some(agreement) => found.push((agreement, *range)),
            None => diagnostics.push(unknown(policy, name, *range)),
        }
    }
    if !context.test {
        for (agreement, range) in &found {
            if !agreement.is_valid_on(context.used_on) {
                diagnostics.push(not_valid(agreement, *range, context));
            }
        }
        if let Some((as_of, range)) = query.as_of
            && as_of > context.used_on
        {
            diagnostics.push(
                Diagnostic::error(
                    codes::LATER_THAN_USE,
                    format!("`as of {as_of}` is later than the day of use, {}", context.used_on),
                    range,
                    "not yet",
                )
                .note("what people will have consented to by then is not known")
                .help(format!("ask as of {} or earlier", context.used_on)),
            );
        }
    }
    purposes(uses, &found, policy, &mut header, diagnostics);
    header.broken = diagnostics.len() > before;
    for (agreement, range) in &found {
        header.receipts.push(Receipt {
            what: format!("agreement \"{}\" version {}", agreement.name, agreement.version),
            range: Some(*range),
            rule: format!("valid on {}", context.used_on),
            policy: Some(agreement.lines.valid),
        });
    }
    header.agreements = found.into_iter().map(|(agreement, _)| agreement).collect();
    header
}

fn unknown(policy: &PolicySet, name: &str, range: Range) -> Diagnostic {
    if policy.broken.contains(name) {
        return Diagnostic::error(
            codes::UNKNOWN_AGREEMENT,
            format!("agreement \"{name}\" has an error in its policy file"),
            range,
            "cannot be used",
        )
        .help("`baseq check` of the policy file says which; ask the steward");
    }
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_AGREEMENT,
        format!("there is no agreement \"{name}\""),
        range,
        "not in the policy",
    );
    let quoted: Vec<String> = policy.agreements.keys().map(|name| format!("\"{name}\"")).collect();
    let near = near_names(&format!("\"{name}\""), quoted.iter().map(String::as_str));
    if quoted.is_empty() {
        return diagnostic
            .note("the policy has no agreement at all")
            .help("ask the steward of the warehouse");
    }
    if near.is_empty() {
        return diagnostic.note(format!("there are {}", quoted.join(", ")));
    }
    with_near(diagnostic, &near)
}

fn not_valid(agreement: &Agreement, range: Range, context: &Context<'_>) -> Diagnostic {
    let name = &agreement.name;
    let day = context.used_on;
    let (message, label) = match agreement.valid_until {
        Some(until) if until <= day => {
            (format!("agreement \"{name}\" ended: {until} was the first day without it"), "expired")
        }
        Some(_) | None => (
            format!("agreement \"{name}\" begins on {}, and this is {day}", agreement.valid_from),
            "not yet valid",
        ),
    };
    Diagnostic::error(codes::NOT_VALID, message, range, label)
        .label(agreement.lines.valid, "these days")
        .note(format!("an agreement must hold on the day of use, {day}; `as of` does not move it"))
        .help("ask the steward for a new version, or use another agreement")
}

/// The purpose: that of the agreements, which must be one, or a narrower one that the query names.
fn purposes(
    uses: &Uses,
    found: &[(&Agreement, Range)],
    policy: &PolicySet,
    header: &mut Header<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(((first, _), others)) = found.split_first() else { return };
    for (other, range) in others {
        if other.purpose != first.purpose {
            diagnostics.push(
                Diagnostic::error(
                    codes::PURPOSE_TOO_WIDE,
                    format!(
                        "agreements \"{}\" and \"{}\" are for different purposes",
                        first.name, other.name
                    ),
                    *range,
                    "for another purpose",
                )
                .label(first.lines.purpose, "the purpose of the first")
                .label(other.lines.purpose, "the purpose of the second")
                .note("consent is asked for one purpose; two have no stricter one between them")
                .help("use one of the agreements in each file"),
            );
        }
    }
    header.receipts.push(Receipt {
        what: "rows of people".to_owned(),
        range: Some(uses.range),
        rule: "consent covers the purpose on the date of reference and on the day of use".to_owned(),
        policy: Some(first.lines.purpose),
    });
    let Some((name, range)) = &uses.purpose else {
        header.purpose = Some(first.purpose.clone());
        return;
    };
    match named(policy, name, *range) {
        Ok((narrow, at)) => {
            if let Some(why) = outside(narrow, &first.purpose) {
                diagnostics.push(
                    Diagnostic::error(
                        codes::PURPOSE_TOO_WIDE,
                        format!("`{name}` is not within the purpose of \"{}\": {why}", first.name),
                        *range,
                        "too wide",
                    )
                    .label(at, format!("`{name}` is defined here"))
                    .label(first.lines.purpose, "what was agreed")
                    .note("a query may narrow the purpose of its agreement and never widen it")
                    .help(format!(
                        "leave out `for {name}`, or ask the steward for an agreement that covers it"
                    )),
                );
                return;
            }
            header.receipts.push(Receipt {
                what: format!("purpose `{name}`"),
                range: Some(*range),
                rule: "within the purpose of the agreement; consent is asked for both".to_owned(),
                policy: Some(at),
            });
            header.agreed = (*narrow != first.purpose).then(|| first.purpose.clone());
            header.purpose = Some(narrow.clone());
        }
        Err(diagnostic) => diagnostics.push(*diagnostic),
    }
}

/// A purpose item by its name, which stands in `range`, alone or with other words.
pub(super) fn named<'a>(
    policy: &'a PolicySet,
    name: &str,
    range: Range,
) -> Result<(&'a Purpose, Range), Box<Diagnostic>> {
    if let Some((purpose, at)) = policy.purposes.get(name) {
        return Ok((purpose, *at));
    }
    if policy.broken.contains(name) {
        let message = format!("purpose `{name}` has an error in its policy file");
        return Err(Box::new(Diagnostic::error(codes::UNKNOWN_PURPOSE, message, range, "cannot be used")));
    }
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_PURPOSE,
        format!("the policy has no purpose `{name}`"),
        range,
        "unknown purpose",
    );
    let known: Vec<&str> = policy.purposes.keys().map(String::as_str).collect();
    let near = near_names(name, known.iter().copied());
    Err(Box::new(match (near.is_empty(), known.is_empty()) {
        // No fix: the place may hold more than the name.
        (false, _) => {
            let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            diagnostic.help(format!("near: {}", near.join(", ")))
        }
        (true, false) => diagnostic.note(format!("there are {}", known.join(", "))),
        (true, true) => {
            diagnostic.help("purposes are named in a policy file: `purpose recontact = CC with contact`")
        }
    }))
}
