//! House rules that a machine can check. Each says what it wants, where it looks, and every line that breaks it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the ground up: a room may use its own layer and those above it in this table, never a later one, and
/// never in a circle. A new room gets its place here.
const LAYERS: &[&[&str]] = &[
    &["money", "calendar", "problem", "profiles", "made_by", "words"],
    &["terms"],
    &["ledger", "item"],
    &["interest", "aging", "allocation", "import"],
    &["settlement"],
    &["dunning", "credit", "kpi"],
    &["provision", "prediction", "letters", "picture"],
    &["arrow"],
    &["facade"],
];

/// The crates that other languages load, and the one door they have into the engine.
const BINDINGS: &[&str] = &["ar-py/src", "ar-node/src", "ar-ffi/src"];
const DOOR: &str = "facade";

/// What ties a file to one machine or to one mirror of a registry. Written in halves, so that this file passes.
const TIES: &[(&str, &str)] = &[
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("/wo", "rk/"),
    ("/Us", "ers/"),
    ("crates", ".io/"),
    ("index.crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("npmjs", ".org"),
    ("npmjs", ".com"),
    ("debian", ".org"),
];

/// Not ours to keep tidy: built, installed, or written by a tool that must name its source.
const SKIPPED: &[&str] = &[
    ".git",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".venv",
    "Cargo.lock",
    "__pycache__",
    "node_modules",
    "target",
];

#[test]
fn rooms_import_one_way_and_never_in_a_circle() {
    let source = root().join("ar-core/src");
    let layer: BTreeMap<&str, usize> =
        LAYERS.iter().enumerate().flat_map(|(at, rooms)| rooms.iter().map(move |room| (*room, at))).collect();
    let mut broken = Vec::new();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();

    for file in files(&source) {
        let Some(room) = room_of(&file, &source) else {
            continue;
        };
        let Some(own) = layer.get(room.as_str()) else {
            broken.push(format!("{}: the room `{room}` has no place in LAYERS", shown(&file)));
            continue;
        };
        for (number, line) in code_lines(&file) {
            for other in named_after("crate::", &line) {
                if other != room && layer.get(other.as_str()).is_some_and(|its| its > own) {
                    broken.push(format!("{}:{number}: `{room}` may not use `{other}`", shown(&file)));
                }
                if other != room {
                    uses.entry(room.clone()).or_default().insert(other);
                }
            }
        }
    }
    for room in uses.keys() {
        if reaches(&uses, room, room) {
            broken.push(format!("`{room}` comes back to itself by the rooms it uses"));
        }
    }
    report("imports point one way", broken);
}

#[test]
fn bindings_reach_the_engine_by_the_facade_alone() {
    let broken = in_lines(BINDINGS, |line| {
        named_after("ar_core::", line).iter().find(|room| *room != DOOR).map(|room| format!("uses `ar_core::{room}`"))
    });
    report("bindings import `ar_core::facade` only", broken);
}

#[test]
fn every_function_that_node_can_call_catches_a_panic() {
    let mut broken = Vec::new();
    for file in files(&root().join("ar-node/src")) {
        let lines = code_lines(&file);
        for (at, (number, line)) in lines.iter().enumerate() {
            let attribute = line.trim_start();
            if !attribute.starts_with("#[napi") || attribute.contains("catch_unwind") {
                continue;
            }
            // What the attribute is on: the first line after it that is no attribute.
            let item = lines.iter().skip(at).map(|(_, line)| line.trim_start()).find(|line| !line.starts_with('#'));
            if item.is_some_and(|item| item.contains("fn ")) {
                broken.push(format!("{}:{number}: `#[napi]` on a function without `catch_unwind`", shown(&file)));
            }
        }
    }
    report("every napi export carries `catch_unwind`", broken);
}

#[test]
fn every_function_of_the_other_languages_can_fail() {
    let mut broken = Vec::new();
    for (folder, mark) in [("ar-ffi/src", "#[uniffi::export]"), ("ar-node/src", "#[napi(catch_unwind")] {
        for file in files(&root().join(folder)) {
            let text: Vec<String> = code_lines(&file).into_iter().map(|(_, line)| line).collect();
            for export in text.join("\n").split(mark).skip(1) {
                // From `fn` to the brace that opens the body; an exported `impl` is checked by its own methods.
                let signature = export.split('{').next().unwrap_or_default();
                if signature.contains("fn ") && !signature.contains("-> Result<") && !signature.contains("impl") {
                    let name = signature.split("fn ").nth(1).unwrap_or_default();
                    let name = name.split(['(', '<']).next().unwrap_or_default();
                    broken.push(format!("{}: `{name}` does not return a Result", shown(&file)));
                }
            }
        }
    }
    report("every exported function is fallible", broken);
}

#[test]
fn files_name_no_machine_and_no_mirror() {
    let ties: Vec<String> = TIES.iter().map(|(left, right)| format!("{left}{right}")).collect();
    let broken =
        in_lines(&[""], |line| ties.iter().find(|tie| line.contains(*tie)).map(|tie| format!("names `{tie}`")));
    report("files name no machine path and no registry host", broken);
}

/// The checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Every file below a folder, sorted, less what is skipped.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if SKIPPED.contains(&name) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The lines of a text file with their numbers; a binary has none.
fn all_lines(file: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(file).unwrap_or_default();
    (1..).zip(text.lines().map(str::to_owned)).collect()
}

/// The lines of a Rust file that are code, without comments and without the unit tests at its end.
fn code_lines(file: &Path) -> Vec<(usize, String)> {
    all_lines(file)
        .into_iter()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .collect()
}

/// The names that follow a prefix in a line: `crate::{money, calendar::Day}` names two.
fn named_after(prefix: &str, line: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in line.split(prefix).skip(1) {
        let list = rest.strip_prefix('{').map(|inner| inner.split('}').next().unwrap_or_default());
        for item in list.map_or_else(|| vec![rest], |list| list.split(',').collect()) {
            let name: String = item.trim().chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            let ends_here = !item.trim().chars().nth(name.len()).is_some_and(char::is_alphanumeric);
            if !name.is_empty() && ends_here {
                names.push(name);
            }
        }
    }
    names
}

/// The room a file of the engine belongs to; `lib.rs` is the house.
fn room_of(file: &Path, source: &Path) -> Option<String> {
    let first = file.strip_prefix(source).ok()?.components().next()?;
    let name = first.as_os_str().to_str()?.trim_end_matches(".rs").to_owned();
    (name != "lib").then_some(name)
}

fn reaches(uses: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&String> = uses.get(from).into_iter().flatten().collect();
    while let Some(room) = next.pop() {
        if room == to {
            return true;
        }
        if seen.insert(room) {
            next.extend(uses.get(room).into_iter().flatten());
        }
    }
    false
}

/// What a check finds in the lines of all files below these folders.
fn in_lines(folders: &[&str], check: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut broken = Vec::new();
    for file in folders.iter().flat_map(|folder| files(&root().join(folder))) {
        for (number, line) in all_lines(&file) {
            broken.extend(check(&line).map(|what| format!("{}:{number}: {what}", shown(&file))));
        }
    }
    broken
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

#[track_caller]
fn report(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "house rule: {rule}\n  {}", broken.join("\n  "));
}
