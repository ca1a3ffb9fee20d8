//! That what is documented is what is taken and what is answered.

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::{IntoParams, openapi::path::ParameterIn};

use super::{
    accounts::Accounts,
    coverage::Coverage,
    document,
    events::Events,
    findings::{AsOf, Findings},
    list::{List, PageParameters},
    parameters::Parameters,
    resources::Resources,
    scans::Scans,
    trend::Trend,
};

fn documented<P: IntoParams>() -> Vec<String> {
    P::into_params(|| Some(ParameterIn::Query)).into_iter().map(|parameter| parameter.name).collect()
}

fn taken(read: impl Fn(&mut Parameters)) -> Vec<String> {
    let mut parameters = Parameters::none();
    read(&mut parameters);
    parameters.known().iter().map(|name| (*name).to_owned()).collect()
}

fn of_list<L: List + IntoParams>() {
    let read = |parameters: &mut Parameters| drop(L::read(parameters));
    assert_eq!(documented::<L>(), taken(read));
}

#[test]
fn every_parameter_that_is_documented_is_taken_and_no_other() {
    of_list::<Findings>();
    of_list::<Events>();
    of_list::<Resources>();
    of_list::<Coverage>();
    of_list::<Scans>();
    of_list::<Accounts>();
    assert_eq!(documented::<Trend>(), taken(|parameters| drop(Trend::read(parameters))));
    assert_eq!(documented::<PageParameters>(), ["limit", "cursor"]);
    assert_eq!(documented::<AsOf>(), ["as_of"]);
}

#[test]
fn everything_in_the_document_is_described() {
    let document: Value = serde_json::from_str(&document().unwrap()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 11, "{:?}", paths.keys());
    for (path, item) in paths {
        let get = &item["get"];
        assert!(!get["summary"].as_str().unwrap().is_empty(), "{path}");
        let parameters = get["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        for parameter in parameters {
            assert!(parameter["description"].is_string(), "{path}: {parameter}");
            assert_eq!(parameter["required"], parameter["in"] == "path", "{path}: {parameter}");
        }
        let statuses: BTreeSet<&str> =
            get["responses"].as_object().unwrap().keys().map(String::as_str).collect();
        assert!(["200", "304", "400", "401", "421", "503"].iter().all(|status| statuses.contains(status)));
    }
    let status = &document["components"]["schemas"]["Status"];
    assert_eq!(status["enum"], serde_json::json!(["pass", "fail", "unknown"]));
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let of_choice = &property["oneOf"][0]["description"];
            let described = property["description"].is_string() || of_choice.is_string();
            assert!(described, "{name}.{field}: {property}");
        }
    }
}
