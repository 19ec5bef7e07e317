//! A mapping made ready: every table, field, column and pattern looked up once, before the first row.

use super::mapping::{Condition, Field, FileMapping, Mapping, Repeats};
use super::value::{DatePattern, NumberStyle};
use crate::ledger::fact::{Kind, Table};
use crate::problem::{Problem, quoted};

/// The most files, and facts a row may make.
const MOST: usize = 1_000;

#[derive(Debug)]
pub(super) struct FilePlan<'a> {
    pub mapping: &'a FileMapping,
    /// The columns that the mapping names, each with the path where it does so first.
    pub columns: Vec<(String, String)>,
    pub facts: Vec<FactPlan>,
    /// Columns in which a repeat repeats: places in `columns`; none means all of the file.
    pub repeats_on: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct FactPlan {
    pub table: Table,
    pub once: bool,
    pub when: Vec<Test>,
    pub fields: Vec<FieldPlan>,
}

#[derive(Debug)]
pub(super) struct Test {
    pub column: usize,
    pub wanted: Wanted,
}

#[derive(Debug)]
pub(super) enum Wanted {
    Empty(bool),
    OneOf(Vec<String>, bool),
}

#[derive(Debug)]
pub(super) struct FieldPlan {
    /// The field; of a dimension its name behind `dim_`.
    pub name: String,
    pub dimension: bool,
    pub kind: Kind,
    pub required: bool,
    pub parts: Vec<Part>,
    pub field: Field,
    pub date: Option<DatePattern>,
    pub number: NumberStyle,
    /// Whether its text may be a person's and is never quoted.
    pub private: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    Column(usize),
    Line,
}

fn invalid(path: &str, reason: impl Into<String>) -> Problem {
    Problem::new("mapping_invalid", reason).field(path)
}

pub(super) fn compile(mapping: &Mapping) -> Result<Vec<FilePlan<'_>>, Problem> {
    if mapping.version != 1 {
        let reason = format!("expected version 1, got {}", mapping.version);
        return Err(Problem::new("unsupported_version", reason).field("version"));
    }
    if mapping.file.is_empty() || mapping.file.len() > MOST {
        return Err(invalid("file", format!("expected 1 to {MOST} files")));
    }
    let mut plans = Vec::with_capacity(mapping.file.len());
    for (at, file) in mapping.file.iter().enumerate() {
        let path = format!("file[{at}]");
        if file.name.is_empty() && mapping.file.len() > 1 {
            return Err(invalid(&format!("{path}.name"), "expected a name, since there are several files"));
        }
        if mapping.file.iter().take(at).any(|other| other.name == file.name) {
            return Err(invalid(&format!("{path}.name"), "expected another name, this file is mapped already"));
        }
        plans.push(file_plan(file, &path)?);
    }
    Ok(plans)
}

fn file_plan<'a>(file: &'a FileMapping, path: &str) -> Result<FilePlan<'a>, Problem> {
    if !file.delimiter.is_ascii() || matches!(file.delimiter, '"' | '\r' | '\n') {
        return Err(invalid(&format!("{path}.delimiter"), "expected one ASCII character, no quote and no line end"));
    }
    if file.fact.is_empty() || file.fact.len() > MOST {
        return Err(invalid(&format!("{path}.fact"), format!("expected 1 to {MOST} facts")));
    }
    if !file.repeats_on.is_empty() && file.repeats == Repeats::Keep {
        return Err(invalid(&format!("{path}.repeats_on"), "expected no columns, since repeats are kept"));
    }
    let mut columns = Columns::default();
    let mut repeats_on = Vec::with_capacity(file.repeats_on.len());
    for (at, column) in file.repeats_on.iter().enumerate() {
        repeats_on.push(columns.place(column, &format!("{path}.repeats_on[{at}]")));
    }
    let mut facts = Vec::with_capacity(file.fact.len());
    for (at, fact) in file.fact.iter().enumerate() {
        let path = format!("{path}.fact[{at}]");
        let table = Table::named(&fact.table).ok_or_else(|| {
            invalid(&format!("{path}.table"), format!("expected a table, got {}", quoted(&fact.table)))
        })?;
        let mut when = Vec::with_capacity(fact.when.len());
        for (at, condition) in fact.when.iter().enumerate() {
            when.push(test(condition, &mut columns, &format!("{path}.when[{at}]"))?);
        }
        let mut fields = Vec::with_capacity(fact.fields.len());
        for (name, field) in &fact.fields {
            fields.push(field_plan(file, table, name, field, &mut columns, &format!("{path}.fields.{name}"))?);
        }
        let lacking = table.columns().iter().find(|spec| spec.required && !fact.fields.contains_key(spec.name));
        if let Some(spec) = lacking {
            return Err(invalid(&format!("{path}.fields.{}", spec.name), "expected this field, it is required"));
        }
        facts.push(FactPlan { table, once: fact.once, when, fields });
    }
    Ok(FilePlan { mapping: file, columns: columns.0, facts, repeats_on })
}

/// The columns of a file in the order in which they are named, each with its first path.
#[derive(Default)]
struct Columns(Vec<(String, String)>);

impl Columns {
    fn place(&mut self, column: &str, path: &str) -> usize {
        self.0.iter().position(|(known, _)| known == column).unwrap_or_else(|| {
            self.0.push((column.to_owned(), path.to_owned()));
            self.0.len().saturating_sub(1)
        })
    }
}

fn test(condition: &Condition, columns: &mut Columns, path: &str) -> Result<Test, Problem> {
    if condition.column.is_empty() {
        return Err(invalid(&format!("{path}.column"), "expected a column"));
    }
    let column = columns.place(&condition.column, path);
    let wanted = match (condition.empty, &condition.equals, &condition.not, &condition.one_of) {
        (Some(empty), None, None, None) => Wanted::Empty(empty),
        (None, Some(word), None, None) => Wanted::OneOf(vec![word.clone()], true),
        (None, None, Some(word), None) => Wanted::OneOf(vec![word.clone()], false),
        (None, None, None, Some(words)) => Wanted::OneOf(words.clone(), true),
        _ => return Err(invalid(path, "expected one of `empty`, `equals`, `not`, `one_of`")),
    };
    Ok(Test { column, wanted })
}

fn field_plan(
    file: &FileMapping,
    table: Table,
    name: &str,
    field: &Field,
    columns: &mut Columns,
    path: &str,
) -> Result<FieldPlan, Problem> {
    let spec = table.columns().iter().find(|spec| spec.name == name && spec.kind != Kind::Dimensions);
    let dimension = name.strip_prefix("dim_").filter(|name| !name.is_empty() && table.takes_dimensions());
    let (kind, required) = match (spec, dimension) {
        (Some(spec), _) => (spec.kind, spec.required),
        (None, Some(_)) => (Kind::Text, false),
        (None, None) => return Err(invalid(path, format!("expected a field of {}", table.name()))),
    };
    let is_number = matches!(kind, Kind::Money | Kind::Number);
    let style = [
        ("decimal_mark", field.decimal_mark.is_some()),
        ("grouping", field.grouping.is_some()),
        ("negative", field.negative.is_some()),
        ("round", field.round.is_some()),
        ("sign", field.sign.is_some()),
    ];
    if let Some((key, _)) = style.iter().find(|(_, given)| *given && !is_number) {
        return Err(invalid(&format!("{path}.{key}"), "expected no such key: the field is no amount"));
    }
    if field.date.is_some() && kind != Kind::Day {
        return Err(invalid(&format!("{path}.date"), "expected no such key: the field is no date"));
    }
    if field.otherwise.is_some() && field.map.is_empty() {
        return Err(invalid(&format!("{path}.otherwise"), "expected `map` beside it"));
    }
    if field.round.is_some_and(|round| round.digits > 12) {
        return Err(invalid(&format!("{path}.round.digits"), "expected at most 12 digits"));
    }
    let number = NumberStyle {
        decimal_mark: field.decimal_mark.unwrap_or(file.decimal_mark),
        grouping: field.grouping.or(file.grouping),
        negative: field.negative.unwrap_or(file.negative),
        round: field.round,
        sign: field.sign,
    };
    let taken = |mark: char| mark.is_ascii_digit() || matches!(mark, '-' | '(' | ')');
    if is_number && (taken(number.decimal_mark) || number.grouping.is_some_and(taken)) {
        return Err(invalid(path, "expected marks that are no digit, minus or parenthesis"));
    }
    if is_number && number.grouping == Some(number.decimal_mark) {
        return Err(invalid(path, "expected a grouping mark that is not the decimal mark"));
    }
    let date = match kind {
        Kind::Day => {
            let (pattern, path) = match &field.date {
                Some(pattern) => (pattern, format!("{path}.date")),
                None => (&file.date, format!("{path} (date of the file)")),
            };
            Some(DatePattern::compile(pattern).map_err(|reason| invalid(&path, reason))?)
        }
        _ => None,
    };
    Ok(FieldPlan {
        name: dimension.unwrap_or(name).to_owned(),
        dimension: dimension.is_some(),
        kind,
        required,
        parts: parts(&field.text, columns, path)?,
        field: field.clone(),
        date,
        number,
        private: matches!((table, name), (Table::customers, "name") | (Table::customer_changes, "value")),
    })
}

/// Takes a text with `{column}` apart.
fn parts(text: &str, columns: &mut Columns, path: &str) -> Result<Vec<Part>, Problem> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text.chars().peekable();
    while let Some(mark) = rest.next() {
        let doubled = matches!(mark, '{' | '}') && rest.peek() == Some(&mark);
        match mark {
            '{' | '}' if doubled => {
                rest.next();
                literal.push(mark);
            }
            '}' => return Err(invalid(path, "expected `{column}`; a brace that stands for itself is doubled")),
            '{' => {
                let mut column = String::new();
                loop {
                    match rest.next() {
                        Some('}') if rest.peek() == Some(&'}') => {
                            rest.next();
                            column.push('}');
                        }
                        Some('{') if rest.peek() == Some(&'{') => {
                            rest.next();
                            column.push('{');
                        }
                        Some('}') => break,
                        Some('{') | None => return Err(invalid(path, "expected `{column}`, got no closing brace")),
                        Some(other) => column.push(other),
                    }
                }
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(match column.as_str() {
                    "" => return Err(invalid(path, "expected the name of a column between the braces")),
                    "@line" => Part::Line,
                    column => Part::Column(columns.place(column, path)),
                });
            }
            mark => literal.push(mark),
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(parts)
}
