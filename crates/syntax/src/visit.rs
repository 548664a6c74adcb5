//! Walks the tree: every node with its span, parents before children, in the order of the text.
//!
//! [`children`] is the one place that knows what stands in what. It destructures every node in full,
//! so a new part of the tree cannot be forgotten. [`walk`] and [`Parsed::node_at`] are made of it; a
//! printer that prints the tokens between the children of a node prints every token once.

use crate::parse::Parsed;
use crate::tree::{
    Agreement, AgreementClause, AgreementClauseKind, Argument, AsOf, AsOfDate, Call, Clause, Codes,
    CodesValue, Cohort, Column, Columns, CountBound, Death, Define, Draw, Each, End, Entity, Entry, Expr,
    ExprKind, Fact, FactKind, FactValue, Field, FieldKind, FieldUnit, File, Formal, Frequency, Grant, Group,
    Import, Index, Item, Let, Limit, Linkage, LinkageKind, List, Literal, LiteralKind, Majority, Match,
    Member, Model, Name, Number, Order, Param, Path, Person, PurposeItem, PurposeText, ReleaseRule, Report,
    ReportKind, Set, Span, Table, Test, Text, Trait, TraitKind, TypeName, Use, Where, Window, WindowKind,
};

/// A node of the tree.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is the type of its name in `tree`")]
pub enum Node<'t> {
    Item(&'t Item),
    Clause(&'t Clause),
    Columns(&'t Columns),
    Column(&'t Column),
    Expr(&'t Expr),
    Call(&'t Call),
    Argument(&'t Argument),
    List(&'t List),
    Entry(&'t Entry),
    Set(&'t Set),
    Window(&'t Window),
    Literal(&'t Literal),
    Number(&'t Number),
    Text(&'t Text),
    Name(&'t Name),
    Path(&'t Path),
    Formal(&'t Formal),
    TypeName(&'t TypeName),
    AsOf(&'t AsOf),
    Person(&'t Person),
    Fact(&'t Fact),
    Linkage(&'t Linkage),
    Trait(&'t Trait),
    Field(&'t Field),
    AgreementClause(&'t AgreementClause),
    Grant(&'t Grant),
    ReleaseRule(&'t ReleaseRule),
    Purpose(&'t PurposeText),
}

impl Node<'_> {
    /// The tokens it covers.
    pub fn span(self) -> Span {
        match self {
            Node::Item(item) => item.span(),
            Node::Clause(clause) => clause.span(),
            Node::Columns(node) => node.span,
            Node::Column(node) => node.span,
            Node::Expr(node) => node.span,
            Node::Call(node) => node.span,
            Node::Argument(node) => node.span,
            Node::List(node) => node.span,
            Node::Entry(Entry::Expr(expr)) => expr.span,
            Node::Entry(Entry::Only(_, span) | Entry::Range(_, _, span)) => *span,
            Node::Set(node) => node.span,
            Node::Window(node) => node.span,
            Node::Literal(node) => node.span,
            Node::Number(node) => node.span,
            Node::Text(node) => node.span,
            Node::Name(node) => node.span,
            Node::Path(node) => node.span,
            Node::Formal(node) => node.span,
            Node::TypeName(node) => node.span,
            Node::AsOf(node) => node.span,
            Node::Person(node) => node.span,
            Node::Fact(node) => node.span,
            Node::Linkage(node) => node.span,
            Node::Trait(node) => node.span,
            Node::Field(node) => node.span,
            Node::AgreementClause(node) => node.span,
            Node::Grant(node) => node.span,
            Node::ReleaseRule(node) => node.span,
            Node::Purpose(node) => node.span,
        }
    }
}

impl Item {
    /// The tokens it covers, its clauses included.
    pub fn span(&self) -> Span {
        match self {
            Item::Use(item) => item.span,
            Item::AsOf(item) => item.span,
            Item::Import(item) => item.span,
            Item::Param(item) => item.span,
            Item::Codes(item) => item.span,
            Item::Define(item) => item.span,
            Item::Cohort(item) => item.span,
            Item::Table(item) => item.span,
            Item::Report(item) => item.span,
            Item::Test(item) => item.span,
            Item::Model(item) => item.span,
            Item::Entity(item) => item.span,
            Item::Agreement(item) => item.span,
            Item::Purpose(item) => item.span,
            Item::Majority(item) => item.span,
            Item::Death(item) => item.span,
            Item::Error(span) => *span,
        }
    }
}

impl Clause {
    /// The tokens it covers, its word included.
    pub fn span(&self) -> Span {
        match self {
            Clause::Where(clause) => clause.span,
            Clause::Let(clause) => clause.span,
            Clause::Index(clause) => clause.span,
            Clause::Exit(columns) | Clause::Show(columns) => columns.span,
            Clause::Match(clause) => clause.span,
            Clause::Draw(clause) => clause.span,
            Clause::Each(clause) => clause.span,
            Clause::Group(clause) => clause.span,
            Clause::Frequency(clause) => clause.span,
            Clause::Order(clause) => clause.span,
            Clause::Limit(clause) => clause.span,
            Clause::Error(span) => *span,
        }
    }
}

/// Calls `visit` with every node of a file, a parent before its children. What `visit` returns says
/// whether to go into the node.
pub fn walk<'t>(file: &'t File, visit: &mut dyn FnMut(Node<'t>) -> bool) {
    for item in &file.items {
        walk_node(Node::Item(item), visit);
    }
}

/// The same from one node on.
pub fn walk_node<'t>(node: Node<'t>, visit: &mut dyn FnMut(Node<'t>) -> bool) {
    if visit(node) {
        children(node, &mut |child| walk_node(child, visit));
    }
}

impl Parsed {
    /// The nodes around a byte, from the item inwards; the last one is the smallest. Empty between
    /// items. A byte just behind a token counts as in it, as a cursor does.
    pub fn node_at(&self, offset: u32) -> Vec<Node<'_>> {
        let Some(token) = self.tape.token_at(offset) else { return Vec::new() };
        let mut nodes = Vec::new();
        walk(&self.file, &mut |node| {
            let span = node.span();
            let inside = span.start <= token && token < span.end;
            if inside {
                nodes.push(node);
            }
            inside
        });
        nodes
    }
}

/// Calls `visit` with the children of a node, in the order of the text.
pub fn children<'t>(node: Node<'t>, visit: &mut dyn FnMut(Node<'t>)) {
    match node {
        Node::Item(item) => item_children(item, visit),
        Node::Clause(clause) => clause_children(clause, visit),
        Node::Columns(Columns { columns, span: _ }) => each(columns, Node::Column, visit),
        Node::Column(Column { name, value, nested, span: _ }) => {
            each(name, Node::Name, visit);
            visit(Node::Expr(value));
            each(nested, Node::Columns, visit);
        }
        Node::Expr(expr) => expr_children(expr, visit),
        Node::Call(Call { name, arguments, span: _ }) => {
            visit(Node::Name(name));
            each(arguments.iter().flatten(), Node::Argument, visit);
        }
        Node::Argument(Argument { name, value, condition, by, span: _ }) => {
            each(name, Node::Name, visit);
            visit(Node::Expr(value));
            each(condition, Node::Expr, visit);
            if let Some((by, _)) = by {
                visit(Node::Expr(by));
            }
        }
        Node::List(List { entries, span: _ }) => each(entries, Node::Entry, visit),
        Node::Entry(entry) => match entry {
            Entry::Expr(expr) => visit(Node::Expr(expr)),
            Entry::Only(literal, _) => visit(Node::Literal(literal)),
            Entry::Range(first, last, _) => {
                visit(Node::Literal(first));
                visit(Node::Literal(last));
            }
        },
        Node::Set(Set { member, excluding, span: _ }) => {
            member_children(member, visit);
            if let Some(member) = excluding {
                member_children(member, visit);
            }
        }
        Node::Window(Window { kind, span: _ }) => window_children(kind, visit),
        Node::Literal(Literal { kind, span: _ }) => match kind {
            LiteralKind::Code { system: _, code: _, label } => each(label, Node::Text, visit),
            LiteralKind::Number(_)
            | LiteralKind::Quantity { .. }
            | LiteralKind::Date(_)
            | LiteralKind::Text(_)
            | LiteralKind::Hgvs(_)
            | LiteralKind::Rs(_)
            | LiteralKind::Locus(_)
            | LiteralKind::Bool(_) => {}
        },
        Node::Number(_) | Node::Text(_) | Node::Name(_) => {}
        Node::Path(Path { names, span: _ }) => all_names(names, visit),
        Node::Formal(Formal { name, ty, default, span: _ }) => {
            visit(Node::Name(name));
            visit(Node::TypeName(ty));
            each(default, Node::Expr, visit);
        }
        Node::TypeName(TypeName { name, of, optional: _, span: _ }) => {
            visit(Node::Name(name));
            each(of, Node::Name, visit);
        }
        Node::AsOf(AsOf { date, span: _ }) => match date {
            AsOfDate::Date(_, _) => {}
            AsOfDate::Name(name) => visit(Node::Name(name)),
        },
        Node::Person(Person { entity, name, facts, span: _ }) => {
            visit(Node::Name(entity));
            visit(Node::Name(name));
            each(facts, Node::Fact, visit);
        }
        Node::Fact(Fact { kind, span: _ }) => match kind {
            FactKind::Value(name, value) => pair(name, value, visit),
            FactKind::Row { excludes: _, relation, code, fields } => {
                visit(Node::Name(relation));
                each(code, Node::Literal, visit);
                for (name, value) in fields {
                    pair(name, value, visit);
                }
            }
        },
        Node::Linkage(Linkage { kind, span: _ }) => match kind {
            LinkageKind::Of { via } => each(via, Node::Path, visit),
            LinkageKind::Public | LinkageKind::Subject | LinkageKind::Aggregate => {}
        },
        Node::Trait(Trait { kind, span: _ }) => match kind {
            TraitKind::CodedBy(name) => visit(Node::Name(name)),
            TraitKind::DatedBy(first, last) => {
                visit(Node::Name(first));
                each(last, Node::Name, visit);
            }
            TraitKind::UndatedOutside => {}
            TraitKind::AssessedWhen(condition) => visit(Node::Expr(condition)),
            TraitKind::Born(day, year) => {
                visit(Node::Name(day));
                each(year, Node::Name, visit);
            }
            TraitKind::Died(name) | TraitKind::ObservedBy(name) => visit(Node::Name(name)),
            TraitKind::Converts(converts) => each(&converts.codes, Node::Literal, visit),
        },
        Node::Field(Field { name, kind, doc: _, span: _ }) => {
            visit(Node::Name(name));
            field_children(kind, visit);
        }
        Node::AgreementClause(AgreementClause { kind, span: _ }) => line_children(kind, visit),
        Node::Grant(Grant { entity, columns, span: _ }) => {
            visit(Node::Name(entity));
            if let Some(columns) = columns {
                all_names(columns, visit);
            }
        }
        Node::ReleaseRule(ReleaseRule { words, values, span: _ }) => {
            all_names(words, visit);
            for value in values {
                fact_value(value, visit);
            }
        }
        Node::Purpose(PurposeText { primary, diseases, flags, places, span: _ }) => {
            visit(Node::Name(primary));
            each(diseases, Node::Literal, visit);
            all_names(flags, visit);
            for (kind, place) in places {
                visit(Node::Name(kind));
                visit(Node::Text(place));
            }
        }
    }
}

fn item_children<'t>(item: &'t Item, visit: &mut dyn FnMut(Node<'t>)) {
    match item {
        Item::Use(Use { agreements, purpose, span: _ }) => {
            each(agreements, Node::Text, visit);
            each(purpose, Node::Path, visit);
        }
        Item::AsOf(as_of) => visit(Node::AsOf(as_of)),
        Item::Import(Import { file, names, span: _ }) => {
            visit(Node::Text(file));
            all_names(names, visit);
        }
        Item::Param(Param { formal, span: _ }) => visit(Node::Formal(formal)),
        Item::Codes(Codes { name, value, span: _ }) => {
            visit(Node::Name(name));
            match value {
                CodesValue::Set(set) => visit(Node::Set(set)),
                CodesValue::File(file) => visit(Node::Text(file)),
            }
        }
        Item::Define(Define { entity, name, params, ty, value, span: _ }) => {
            each(entity, Node::Name, visit);
            visit(Node::Name(name));
            each(params, Node::Formal, visit);
            each(ty, Node::TypeName, visit);
            visit(Node::Expr(value));
        }
        Item::Cohort(Cohort { name, from, clauses, span: _ })
        | Item::Table(Table { name, from, clauses, span: _ }) => {
            visit(Node::Name(name));
            visit(Node::Path(from));
            each(clauses, Node::Clause, visit);
        }
        Item::Report(Report { kind, of, span: _ }) => {
            visit(Node::Path(of));
            let show = match kind {
                ReportKind::Attrition => &None,
                ReportKind::Describe { by, show } => {
                    each(by, Node::Columns, visit);
                    show
                }
                ReportKind::Compare { with, show } => {
                    visit(Node::Path(with));
                    show
                }
            };
            each(show, Node::Columns, visit);
        }
        Item::Test(Test { name, as_of, people, expects, span: _ }) => {
            visit(Node::Text(name));
            each(as_of, Node::AsOf, visit);
            each(people, Node::Person, visit);
            each(expects, Node::Expr, visit);
        }
        Item::Model(Model { name, version, span: _ }) => {
            visit(Node::Name(name));
            visit(Node::Number(version));
        }
        Item::Entity(Entity { name, plural, table, key, linkage, traits, fields, doc: _, span: _ }) => {
            visit(Node::Name(name));
            each(plural, Node::Name, visit);
            visit(Node::Path(table));
            all_names(key, visit);
            each(linkage, Node::Linkage, visit);
            each(traits, Node::Trait, visit);
            each(fields, Node::Field, visit);
        }
        Item::Agreement(Agreement { name, version, clauses, span: _ }) => {
            visit(Node::Text(name));
            visit(Node::Number(version));
            each(clauses, Node::AgreementClause, visit);
        }
        Item::Purpose(PurposeItem { name, purpose, span: _ }) => {
            visit(Node::Name(name));
            visit(Node::Purpose(purpose));
        }
        Item::Majority(Majority { age, otherwise, span: _ }) => {
            visit(Node::Number(age));
            visit(Node::Name(otherwise));
        }
        Item::Death(Death { effect, span: _ }) => visit(Node::Name(effect)),
        Item::Error(_) => {}
    }
}

fn clause_children<'t>(clause: &'t Clause, visit: &mut dyn FnMut(Node<'t>)) {
    match clause {
        Clause::Where(Where { name, condition, span: _ }) => {
            each(name, Node::Name, visit);
            visit(Node::Expr(condition));
        }
        Clause::Let(Let { name, value, span: _ }) => {
            visit(Node::Name(name));
            visit(Node::Expr(value));
        }
        Clause::Index(Index { each: _, date, span: _ }) => visit(Node::Expr(date)),
        // The clause word is part of these columns, so they are the clause.
        Clause::Exit(Columns { columns, span: _ }) | Clause::Show(Columns { columns, span: _ }) => {
            each(columns, Node::Column, visit);
        }
        Clause::Match(Match { count, cases, keys, seed, span: _ }) => {
            visit(Node::Number(count));
            visit(Node::Path(cases));
            for (key, distance) in keys {
                visit(Node::Expr(key));
                each(distance, Node::Expr, visit);
            }
            visit(Node::Number(seed));
        }
        Clause::Draw(Draw { count, seed, span: _ }) => {
            visit(Node::Number(count));
            visit(Node::Number(seed));
        }
        Clause::Each(Each { name, rows, span: _ }) => {
            visit(Node::Name(name));
            visit(Node::Expr(rows));
        }
        Clause::Group(Group { by, totals: _, span: _ }) => visit(Node::Columns(by)),
        Clause::Frequency(Frequency { name, among, by, totals: _, span: _ }) => {
            each(name, Node::Name, visit);
            visit(Node::Expr(among));
            each(by, Node::Columns, visit);
        }
        Clause::Order(Order { keys, span: _ }) => {
            for (key, _) in keys {
                visit(Node::Expr(key));
            }
        }
        Clause::Limit(Limit { count, span: _ }) => visit(Node::Number(count)),
        Clause::Error(_) => {}
    }
}

fn expr_children<'t>(expr: &'t Expr, visit: &mut dyn FnMut(Node<'t>)) {
    match &expr.kind {
        ExprKind::Case { arms, otherwise } => {
            for (condition, value) in arms {
                visit(Node::Expr(condition));
                visit(Node::Expr(value));
            }
            visit(Node::Expr(otherwise));
        }
        ExprKind::And(operands) | ExprKind::Or(operands) | ExprKind::Group(operands) => {
            each(operands, Node::Expr, visit);
        }
        ExprKind::Not(inner) | ExprKind::Negative(inner) => visit(Node::Expr(inner)),
        ExprKind::Quantified { quantifier: _, rows } => visit(Node::Expr(rows)),
        ExprKind::Counted { count: _, bound, rows } => {
            bound_children(bound, visit);
            visit(Node::Expr(rows));
        }
        ExprKind::CountedOf { count: _, bound, truths } => {
            bound_children(bound, visit);
            visit(Node::List(truths));
        }
        ExprKind::Observed { first, how: _, second } => {
            visit(Node::Expr(first));
            visit(Node::Expr(second));
        }
        ExprKind::ConsentValid { at, purpose } => {
            each(at.as_deref(), Node::Expr, visit);
            each(purpose, Node::Path, visit);
        }
        ExprKind::Compare { operator: _, operator_span: _, left, right, absent: _ }
        | ExprKind::Arithmetic { operator: _, left, right } => {
            visit(Node::Expr(left));
            visit(Node::Expr(right));
        }
        ExprKind::In { value, negated: _, set, condition, windows } => {
            visit(Node::Expr(value));
            visit(Node::Set(set));
            each(condition.as_deref(), Node::Expr, visit);
            each(windows, Node::Window, visit);
        }
        ExprKind::Windowed { value, windows } => {
            visit(Node::Expr(value));
            each(windows, Node::Window, visit);
        }
        ExprKind::IsKnown { value, negated: _ } => visit(Node::Expr(value)),
        ExprKind::At { value, date } => {
            visit(Node::Expr(value));
            visit(Node::Expr(date));
        }
        ExprKind::Member { of, call } => {
            visit(Node::Expr(of));
            visit(Node::Call(call));
        }
        ExprKind::Call(call) => visit(Node::Call(call)),
        ExprKind::Literal(literal) => visit(Node::Literal(literal)),
        ExprKind::List(list) => visit(Node::List(list)),
        ExprKind::Index | ExprKind::Error => {}
    }
}

fn window_children<'t>(kind: &'t WindowKind, visit: &mut dyn FnMut(Node<'t>)) {
    match kind {
        WindowKind::Side { inclusive: _, side: _, date } | WindowKind::On(date) => visit(Node::Expr(date)),
        WindowKind::DifferentDays => {}
        WindowKind::During(first, last) => {
            visit(Node::Expr(first));
            each(last, Node::Expr, visit);
        }
        WindowKind::Within { length, inclusive: _, side: _, date } | WindowKind::Around { length, date } => {
            visit(Node::Expr(length));
            visit(Node::Expr(date));
        }
        WindowKind::EachOther(length) => visit(Node::Expr(length)),
    }
}

fn member_children<'t>(member: &'t Member, visit: &mut dyn FnMut(Node<'t>)) {
    let mut end = |end: &'t End| match end {
        End::Literal { only: _, literal } => visit(Node::Literal(literal)),
        End::Path(path) => visit(Node::Path(path)),
    };
    match member {
        Member::End(only) => end(only),
        Member::Range(first, last) => {
            end(first);
            end(last);
        }
        Member::List(list) => visit(Node::List(list)),
    }
}

fn bound_children<'t>(bound: &'t CountBound, visit: &mut dyn FnMut(Node<'t>)) {
    match bound {
        CountBound::Number(number) => visit(Node::Number(number)),
        CountBound::Name(name) => visit(Node::Name(name)),
    }
}

fn field_children<'t>(kind: &'t FieldKind, visit: &mut dyn FnMut(Node<'t>)) {
    match kind {
        FieldKind::Column { ty, optional: _, members, ordered: _, unit, label: _ } => {
            visit(Node::Name(ty));
            all_names(members, visit);
            match unit {
                Some(FieldUnit::From(name)) => visit(Node::Name(name)),
                Some(FieldUnit::Fixed(_, _)) | None => {}
            }
        }
        FieldKind::Interval { earliest, latest } => {
            visit(Node::Name(earliest));
            visit(Node::Name(latest));
        }
        FieldKind::Relation { many: _, entity, optional: _, by } => {
            visit(Node::Name(entity));
            all_names(by, visit);
        }
    }
}

fn line_children<'t>(kind: &'t AgreementClauseKind, visit: &mut dyn FnMut(Node<'t>)) {
    match kind {
        AgreementClauseKind::Recipient(recipient) => visit(Node::Text(recipient)),
        AgreementClauseKind::Purpose(purpose) => visit(Node::Purpose(purpose)),
        AgreementClauseKind::Valid { from: _, until: _ } | AgreementClauseKind::Error => {}
        AgreementClauseKind::MayTest(grants) => each(grants, Node::Grant, visit),
        AgreementClauseKind::MayShow(shown) => each(shown, Node::Expr, visit),
        AgreementClauseKind::Level(level) => visit(Node::Name(level)),
        AgreementClauseKind::Release(rules) => each(rules, Node::ReleaseRule, visit),
        AgreementClauseKind::Formats(formats) => all_names(formats, visit),
    }
}

fn each<'t, T: 't>(
    parts: impl IntoIterator<Item = &'t T>,
    node: fn(&'t T) -> Node<'t>,
    visit: &mut dyn FnMut(Node<'t>),
) {
    for part in parts {
        visit(node(part));
    }
}

fn all_names<'t>(names: &'t [Name], visit: &mut dyn FnMut(Node<'t>)) {
    each(names, Node::Name, visit);
}

fn pair<'t>(name: &'t Name, value: &'t FactValue, visit: &mut dyn FnMut(Node<'t>)) {
    visit(Node::Name(name));
    fact_value(value, visit);
}

fn fact_value<'t>(value: &'t FactValue, visit: &mut dyn FnMut(Node<'t>)) {
    match value {
        FactValue::Literal(literal) => visit(Node::Literal(literal)),
        FactValue::Name(name) => visit(Node::Name(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;
    use text::FileId;

    // The innermost node at a cursor is the name under it; the way there goes through the item.
    #[test]
    fn a_cursor_finds_its_name() {
        let source = "cohort c = from subjects where has visit (kind = inpatient) before index";
        let (parsed, _) = parse(FileId(0), source);
        let at = u32::try_from(source.find("kind").unwrap_or(0)).unwrap_or(0);
        let nodes = parsed.node_at(at + 2);
        assert!(matches!(nodes.first(), Some(Node::Item(Item::Cohort(_)))));
        assert!(matches!(nodes.last(), Some(Node::Name(name)) if name.text == "kind"));
        assert_eq!(parsed.node_at(at + 2), parsed.node_at(at + 4));
    }
}
