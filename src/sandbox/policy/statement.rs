use serde_json::{Map, Value};

use super::{
    NotUnderstood, Principal, Request, condition, glob,
    principal::{Named, texts},
};

/// The language's version that has policy variables; without it `${…}` is plain text.
const VERSION: &str = "2012-10-17";

/// What a statement does where it is about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// One statement of a policy.
pub(super) struct Statement<'a> {
    pub effect: Effect,
    elements: &'a Map<String, Value>,
}

/// The statements of a policy document.
pub(super) fn statements(policy: &Value) -> Result<Vec<Statement<'_>>, NotUnderstood> {
    let document = policy.as_object().ok_or_else(|| NotUnderstood::new("it is no object"))?;
    if let Some(name) = document.keys().find(|name| !["Version", "Id", "Statement"].contains(&name.as_str()))
    {
        return Err(NotUnderstood::new(format!("{name} beside its statements")));
    }
    if document.get("Version").and_then(Value::as_str) != Some(VERSION) {
        return Err(NotUnderstood::new(format!("its version is not {VERSION}")));
    }
    let all: Vec<&Value> = match document.get("Statement") {
        Some(Value::Array(many)) => many.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => return Err(NotUnderstood::new("it has no statements")),
    };
    all.into_iter().map(Statement::read).collect()
}

impl<'a> Statement<'a> {
    const ELEMENTS: [&'static str; 8] =
        ["Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

    fn read(value: &'a Value) -> Result<Self, NotUnderstood> {
        let elements = value.as_object().ok_or_else(|| NotUnderstood::new("a statement is no object"))?;
        if let Some(name) = elements.keys().find(|name| !Self::ELEMENTS.contains(&name.as_str())) {
            return Err(NotUnderstood::new(format!("the element {name}")));
        }
        let effect = match elements.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err(NotUnderstood::new("an Effect is Allow or Deny")),
        };
        Ok(Self { effect, elements })
    }

    pub fn has_principal(&self) -> bool {
        self.elements.contains_key("Principal")
    }

    /// How it names the caller, in a policy that belongs to a resource.
    pub fn names(&self, principal: &Principal) -> Result<Named, NotUnderstood> {
        match self.elements.get("Principal") {
            Some(element) => principal.named_in(element),
            None => Err(NotUnderstood::new("a resource's policy names its Principal")),
        }
    }

    /// Whether the request is what it speaks of: its action, its resource (a trust policy names none), its
    /// conditions.
    pub fn is_about(&self, request: &Request<'_>, with_resource: bool) -> Result<bool, NotUnderstood> {
        let action = request.action.to_ascii_lowercase();
        let of_actions =
            self.either("Action", |pattern| Ok(glob::matches(&pattern.to_ascii_lowercase(), &action)))?;
        let of_resources = if with_resource {
            self.either("Resource", |pattern| {
                Ok(request
                    .keys
                    .fill_in(pattern)
                    .is_some_and(|pattern| glob::matches(&pattern, request.resource)))
            })?
        } else if self.elements.contains_key("Resource") || self.elements.contains_key("NotResource") {
            return Err(NotUnderstood::new("a trust policy names no Resource"));
        } else {
            true
        };
        // Looked at even where the rest does not fit, so that what is not understood is refused at once.
        let conditions = match self.elements.get("Condition") {
            None => true,
            Some(block) => condition::hold(block, request.keys)?,
        };
        Ok(of_actions && of_resources && conditions)
    }

    /// The element, or the one with `Not` before its name; a statement has exactly one of them.
    fn either(
        &self,
        name: &str,
        fits: impl Fn(&str) -> Result<bool, NotUnderstood>,
    ) -> Result<bool, NotUnderstood> {
        let not = format!("Not{name}");
        let (list, wanted) = match (self.elements.get(name), self.elements.get(&not)) {
            (Some(list), None) => (list, true),
            (None, Some(list)) => (list, false),
            _ => return Err(NotUnderstood::new(format!("a statement has either {name} or {not}"))),
        };
        for pattern in texts(list)? {
            if fits(pattern)? {
                return Ok(wanted);
            }
        }
        Ok(!wanted)
    }
}
