//! Names such as people give them.

use fastrand::Rng;

/// Departments, each an organizational unit.
pub(super) const DEPARTMENTS: &[&str] = &[
    "Payments",
    "Retail Banking",
    "Données & Analytique",
    "Logistics",
    "Zahlungsverkehr",
    "Customer Care",
    "東京オフィス",
    "R&D",
    "Human Resources",
    "Smart Factory (Łódź)",
    "Claims",
    "Marketing / CRM",
];

const TEAMS: &[&str] = &[
    "orders",
    "billing",
    "ledger",
    "données-clients",
    "inventory",
    "pricing",
    "identity",
    "Größenberatung",
    "data lake",
    "loyalty",
    "発注システム",
    "fraud-detection",
    "shipping",
    "claims",
    "øresund-fleet",
    "crm",
    "search",
    "mainframe exit",
    "reporting",
    "mobile",
    "O'Hare warehouse",
    "ml-platform",
];

const SOURCES: &[&str] =
    &["oracle", "sqlserver", "mysql", "db2", "postgres", "mongodb", "sap-ase", "mariadb"];
const TARGETS: &[&str] = &["aurora", "redshift", "s3", "postgres", "kinesis", "opensearch", "docdb"];
const SUBJECTS: &[&str] =
    &["orders", "customers", "invoices", "stock", "ledger", "events", "hr", "tickets", "catalog", "archive"];

fn pick<'a>(rng: &mut Rng, names: &[&'a str]) -> &'a str {
    names[rng.usize(..names.len())]
}

/// An account's name, for the `number`th of its organization.
pub(super) fn account(rng: &mut Rng, production: bool, number: usize) -> String {
    let team = pick(rng, TEAMS);
    let stage = if production { "prod" } else { pick(rng, &["dev", "test", "staging", "int"]) };
    match rng.u8(..6) {
        0 => format!("{team} ({stage})"),
        1 => format!("ACME {team} {} {number}", stage.to_uppercase()),
        2 => format!("{stage}-{team}-{number}"),
        _ => format!("{team}-{stage}-{number:03}"),
    }
}

/// The identifier of the `number`th DMS resource in its target: letters, digits and hyphens.
pub(super) fn migration(rng: &mut Rng, number: usize) -> String {
    format!("{}-{}-to-{}-{number}", pick(rng, SUBJECTS), pick(rng, SOURCES), pick(rng, TARGETS))
}
