//! Profiles: every file is listed, sourced, and a policy of its own name.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that goes wrong may panic")]

use std::fs;
use std::path::Path;

use ar_core::facade;
use ar_core::profiles::{names, text};

const FOLDERS: [&str; 2] =
    [concat!(env!("CARGO_MANIFEST_DIR"), "/profiles"), concat!(env!("CARGO_MANIFEST_DIR"), "/presets")];

fn sorted_names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_file_in_the_folder_of_a_room_is_a_profile_with_a_source() {
    let rooms =
        FOLDERS.iter().flat_map(|folder| sorted_names(Path::new(folder)).into_iter().map(move |room| (folder, room)));
    for (folder, room) in rooms {
        let folder = Path::new(folder).join(&room);
        let files = sorted_names(&folder);
        let files: Vec<&str> = files.iter().filter_map(|file| file.strip_suffix(".json")).collect();
        let listed = names(&room).unwrap();
        assert!(listed.is_sorted(), "{room}");
        let mut sorted = files.clone();
        sorted.sort_unstable();
        assert_eq!(listed, sorted, "{room}");
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        for name in listed {
            assert!(readme.contains(&format!("| `{name}` |")), "{room}: {name} has no line in the README");
            let policy: serde_json::Value = serde_json::from_str(text(&room, name).unwrap()).unwrap();
            assert_eq!((&policy["id"], &policy["version"]), (&name.into(), &1.into()), "{room}: {name}");
        }
    }
}

#[test]
fn a_profile_is_the_same_policy_by_its_name_and_by_its_text() {
    for name in names("aging").unwrap() {
        let read = facade::aging_policy(facade::profile("aging", name).unwrap()).unwrap();
        assert_eq!(read, ar_core::aging::profile(name).unwrap());
        assert_eq!(facade::aging_policy(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    }
    for name in names("settlement").unwrap() {
        let read = facade::settlement_policy(facade::profile("settlement", name).unwrap()).unwrap();
        assert_eq!(read, ar_core::settlement::profile(name).unwrap());
        assert_eq!(facade::settlement_policy(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    }
    for name in names("dunning").unwrap() {
        let read = facade::dunning_policy(facade::profile("dunning", name).unwrap()).unwrap();
        assert_eq!(read, ar_core::dunning::profile(name).unwrap());
        assert_eq!(facade::dunning_policy(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    }
    for name in names("allocation").unwrap() {
        let read = facade::allocation_policy(facade::profile("allocation", name).unwrap()).unwrap();
        assert_eq!(read, ar_core::allocation::profile(name).unwrap());
        assert_eq!(facade::allocation_policy(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    }
}

#[test]
fn a_preset_is_refused_until_it_has_the_published_rates_and_is_a_policy_with_them() {
    for name in names("interest").unwrap() {
        let text = facade::profile("interest", name).unwrap();
        let mut policy: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(policy["source"].as_str().is_some_and(|source| source.len() > 40), "{name}");
        assert!(policy["checked"].is_string(), "{name}");
        // A law that names a rate itself needs none.
        if policy.get("rates").is_none() {
            let refused = facade::interest_policy(text).unwrap_err().problems.remove(0);
            assert_eq!(
                (refused.code.as_str(), refused.field.as_deref()),
                ("policy_invalid", Some("reference.rates")),
                "{name}"
            );
            policy["reference"]["rates"] = serde_json::json!([{ "from": "2024-01-01", "percent": "4.5" }]);
        }
        let read = facade::interest_policy(&policy.to_string()).unwrap();
        let again = facade::interest_policy(&serde_json::to_string(read.policy()).unwrap()).unwrap();
        assert_eq!(read, again, "{name}");
    }
}

#[test]
fn an_unknown_room_or_profile_is_refused_with_the_known_ones() {
    let mut refused = facade::profile("allocation", "mainframe").unwrap_err().problems.remove(0);
    assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("unknown_kind", Some("profile")));
    assert!(refused.reason.contains("tryton-only-reconcile, got \"mainframe\""), "{}", refused.reason);
    refused = facade::profiles("kitchen").unwrap_err().problems.remove(0);
    assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("unknown_kind", Some("room")));
    assert!(refused.reason.starts_with("expected one of aging, allocation"), "{}", refused.reason);
}
