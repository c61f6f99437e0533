//! The JSON Schema of a record's file, made of the types that read and write it.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::Value;

use crate::store::record::Record;

/// Its file's name, in `results/` and where records are published.
pub const FILE: &str = "record.schema.json";

/// The schema, as it stands in its file.
///
/// # Panics
/// Never: a schema is plain data.
pub fn text() -> String {
    // Of what is written: what a record always has is required.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Record>();
    RecursiveTransform(as_it_is_written).transform(&mut schema);
    serde_json::to_string_pretty(&schema).expect("a schema is plain data") + "\n"
}

/// What is not known is left out of a record, and neither null nor replaced by a default.
fn as_it_is_written(schema: &mut Schema) {
    schema.remove("default");
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            schema.insert("type".into(), one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    fn results(file: &str) -> String {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../results"));
        fs::read_to_string(folder.join(file)).unwrap()
    }

    /// The names of all properties, wherever they are.
    fn properties(schema: &Value, found: &mut BTreeSet<String>) {
        if let Some(here) = schema.get("properties").and_then(Value::as_object) {
            found.extend(here.keys().cloned());
        }
        match schema {
            Value::Object(parts) => parts.values().for_each(|part| properties(part, found)),
            Value::Array(parts) => parts.iter().for_each(|part| properties(part, found)),
            _ => {}
        }
    }

    #[test]
    fn the_schema_that_is_published_is_of_the_types_that_read_a_record() {
        assert!(
            results(FILE) == text(),
            "results/{FILE} is not today's; write it anew with \
             `cargo book schema > results/{FILE}`"
        );
    }

    #[test]
    fn every_field_of_a_record_is_described_for_readers_and_in_the_schema() {
        let schema: Value = serde_json::from_str(&text()).unwrap();
        let mut names = BTreeSet::new();
        properties(&schema, &mut names);
        assert!(names.contains("sittings") && names.contains("false_gaps"), "{names:?}");
        let readme = results("README.md");
        let missing: Vec<&String> =
            names.iter().filter(|name| !readme.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "results/README.md does not tell of {missing:?}");
        fn bare(at: &str, schema: &Value, found: &mut Vec<String>) {
            for (name, part) in schema.as_object().into_iter().flatten() {
                let here = format!("{at}/{name}");
                if at.ends_with("/properties") && part.get("description").is_none() {
                    found.push(here.clone());
                }
                bare(&here, part, found);
            }
        }
        let mut undescribed = Vec::new();
        bare("", &schema, &mut undescribed);
        assert!(undescribed.is_empty(), "a comment is missing: {undescribed:?}");
    }
}
