//! Mutants of a JSON text that are JSON again: a leaf takes a hostile value or that of another place, a part is left out,
//! said twice or moved.

use serde_json::{Map, Value, json};

/// Random numbers from the seed that the fuzzer gives: the same seed, the same mutant.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self(u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// One of so many.
    pub fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0).checked_rem(count).unwrap_or(0)
    }
}

/// What users send by mistake, and others on purpose.
const HOSTILE: &[&str] = &[
    "", " ", "0", "-0.00", "0.01", "-0.01", "1", "-1", "100.00", "0.005", "1e3", "NaN", "92233720368547758.07",
    "92233720368547758.08", "-92233720368547758.08", "9999999999999999999999999999999999999999.99", "50%", "2026-02-30",
    "0001-01-01", "9999-12-31", "2026-02-28", "2024-02-29", "1970-01-01", "2026-13-01", "EUR", "USD", "JPY", "BHD", "eur",
    "XXX", "invoice", "payment", "credit_note", "receipt", "\u{0}", "{{ 7*7 }}", "{% for a in range(9999999) %}", "<script>",
    "=HYPERLINK()", "\u{1F4B6}", "İ", "none", "all", "always", "per_document", "customer", "company",
];

const NUMBERS: &[i64] = &[0, 1, -1, 2, 30, 31, 100, 365, 366, -366, 9999, 65_535, 65_536, i32::MAX as i64, i32::MIN as i64, i64::MAX, i64::MIN];

/// A mutant.
pub fn mutate(value: &mut Value, dice: &mut Dice) {
    let other = {
        let mut leaves = Vec::new();
        collect(value, &mut leaves);
        let at = dice.below(leaves.len().max(1));
        leaves.get(at).map(|leaf| (*leaf).clone()).unwrap_or(Value::Null)
    };
    for _ in 0..=dice.below(3) {
        let mut count = 0;
        count_parts(value, &mut count);
        let mut at = dice.below(count.max(1));
        change_at(value, &mut at, dice, &other);
    }
}

fn collect<'a>(value: &'a Value, leaves: &mut Vec<&'a Value>) {
    match value {
        Value::Array(list) => list.iter().for_each(|part| collect(part, leaves)),
        Value::Object(map) => map.values().for_each(|part| collect(part, leaves)),
        leaf => leaves.push(leaf),
    }
}

fn count_parts(value: &Value, count: &mut usize) {
    *count += 1;
    match value {
        Value::Array(list) => list.iter().for_each(|part| count_parts(part, count)),
        Value::Object(map) => map.values().for_each(|part| count_parts(part, count)),
        _ => {}
    }
}

fn change_at(value: &mut Value, at: &mut usize, dice: &mut Dice, other: &Value) -> bool {
    if *at == 0 {
        change(value, dice, other);
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(list) => list.iter_mut().any(|part| change_at(part, at, dice, other)),
        Value::Object(map) => map.values_mut().any(|part| change_at(part, at, dice, other)),
        _ => false,
    }
}

fn change(value: &mut Value, dice: &mut Dice, other: &Value) {
    match value {
        Value::Array(list) if !list.is_empty() => {
            let (here, there) = (dice.below(list.len()), dice.below(list.len()));
            match dice.below(4) {
                0 => drop(list.remove(here)),
                1 => list.insert(there, list[here].clone()),
                2 => list.swap(here, there),
                _ => list.truncate(here),
            }
        }
        Value::Object(map) if !map.is_empty() => {
            let at = dice.below(map.len());
            let key = map.keys().nth(at).cloned().unwrap_or_default();
            match dice.below(3) {
                0 | 1 => drop(map.remove(&key)),
                _ => drop(map.insert(key, other.clone())),
            }
        }
        Value::Array(_) | Value::Object(_) => *value = other.clone(),
        Value::String(text) => match dice.below(4) {
            0 => *value = other.clone(),
            1 => *value = json!(HOSTILE[dice.below(HOSTILE.len())]),
            2 => shift(text, dice),
            _ => *value = json!(NUMBERS[dice.below(NUMBERS.len())]),
        },
        Value::Number(number) => {
            let near = number.as_i64().map(|number| number.wrapping_add(1 - 2 * i64::from(dice.below(2) == 0)));
            *value = match (dice.below(3), near) {
                (0, Some(near)) => json!(near),
                (1, _) => json!(HOSTILE[dice.below(HOSTILE.len())]),
                _ => json!(NUMBERS[dice.below(NUMBERS.len())]),
            };
        }
        Value::Bool(is) => *value = json!(!*is),
        Value::Null => *value = other.clone(),
    }
}

/// One digit of a text becomes another: a later day, another amount, another id.
fn shift(text: &mut String, dice: &mut Dice) {
    let digits: Vec<usize> = text.char_indices().filter(|(_, sign)| sign.is_ascii_digit()).map(|(at, _)| at).collect();
    if let Some(at) = digits.get(dice.below(digits.len().max(1))) {
        text.replace_range(*at..*at + 1, &dice.below(10).to_string());
    }
}

/// Two cases crossed: the facts of the first, and a step of the second after its own.
pub fn cross(first: &mut Value, second: &Value, dice: &mut Dice) {
    let steps = |case: &Value| case.get("steps").and_then(Value::as_array).cloned().unwrap_or_default();
    let (mut ours, theirs) = (steps(first), steps(second));
    if let Some(step) = theirs.get(dice.below(theirs.len().max(1))) {
        ours.push(step.clone());
    }
    if let Some(case) = first.as_object_mut() {
        case.insert("steps".to_owned(), Value::Array(ours));
    }
}

/// A case from the bytes of the fuzzer, when it is one.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object)
}

/// A case back into the fuzzer's bytes: how long it is, or `None` when it does not fit.
pub fn write(value: &Value, bytes: &mut [u8]) -> Option<usize> {
    let text = value.to_string();
    bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(text.len())
}

/// An empty case, to begin from nothing.
#[must_use]
pub fn empty() -> Value {
    Value::Object(Map::new())
}
