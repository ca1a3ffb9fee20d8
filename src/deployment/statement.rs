use serde_json::{Map, Value, json};

use crate::aws::Operation;

/// A statement that allows something.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    sid: &'static str,
    actions: Vec<&'static str>,
    resources: Vec<String>,
    conditions: Vec<(&'static str, String, Value)>,
}

/// A policy: statements in the order in which they are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy(Vec<Statement>);

impl Statement {
    /// Allows the operations on any resource.
    pub fn allow(sid: &'static str, operations: &[Operation]) -> Self {
        Self::allow_actions(sid, &operations.iter().map(|operation| operation.name()).collect::<Vec<_>>())
    }

    /// The same for actions that are no operation of keywatch's.
    pub fn allow_actions(sid: &'static str, actions: &[&'static str]) -> Self {
        let mut actions = actions.to_vec();
        actions.sort_unstable();
        Self { sid, actions, resources: Vec::new(), conditions: Vec::new() }
    }

    /// Only on these resources.
    pub fn on(mut self, resources: impl IntoIterator<Item = String>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// Only if the operator holds for the condition key.
    pub(super) fn if_(
        mut self,
        operator: &'static str,
        key: impl Into<String>,
        value: impl Into<Value>,
    ) -> Self {
        self.conditions.push((operator, key.into(), value.into()));
        self
    }

    /// What it is called.
    pub fn sid(&self) -> &'static str {
        self.sid
    }

    /// The actions it allows, in order.
    pub fn actions(&self) -> &[&'static str] {
        &self.actions
    }

    /// The same statement with this action alone.
    pub fn only(&self, action: &str) -> Self {
        let actions = self.actions.iter().copied().filter(|own| *own == action).collect();
        Self { actions, ..self.clone() }
    }

    /// As JSON, a list of one as a text.
    pub fn json(&self) -> Value {
        let mut value = Map::new();
        value.insert("Sid".to_owned(), json!(self.sid));
        value.insert("Effect".to_owned(), json!("Allow"));
        value.insert("Action".to_owned(), one_or_many(&self.actions));
        let resources: Vec<&str> = match &self.resources[..] {
            [] => vec!["*"],
            many => many.iter().map(String::as_str).collect(),
        };
        value.insert("Resource".to_owned(), one_or_many(&resources));
        if !self.conditions.is_empty() {
            let mut block = Map::new();
            for (operator, key, wanted) in &self.conditions {
                let keys = block.entry(*operator).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(keys) = keys {
                    keys.insert(key.clone(), wanted.clone());
                }
            }
            value.insert("Condition".to_owned(), Value::Object(block));
        }
        Value::Object(value)
    }
}

impl Policy {
    pub(super) fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self(statements.into_iter().filter(|statement| !statement.actions.is_empty()).collect())
    }

    /// Its statements.
    pub fn statements(&self) -> &[Statement] {
        &self.0
    }

    /// All actions it allows.
    pub fn actions(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().flat_map(|statement| statement.actions.iter().copied())
    }

    /// What of it allows that action alone.
    pub fn allowing(&self, action: &str) -> Option<Statement> {
        self.0.iter().map(|statement| statement.only(action)).find(|statement| !statement.actions.is_empty())
    }

    /// The document as IAM takes it.
    pub fn json(&self) -> Value {
        document(self.0.iter().map(Statement::json).collect())
    }
}

/// A policy document of these statements.
pub(super) fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn one_or_many(list: &[&str]) -> Value {
    match list {
        [one] => json!(one),
        many => json!(many),
    }
}
