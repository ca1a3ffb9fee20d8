//! The JSON behind the SDK's types: what AWS gave, kept beside what the SDK made of it, so that fields that this version
//! does not know are in the history too; and what AWS is given, so that no setting is lost on the way into a copy.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::{config::ConfigBag, error::BoxError};
use aws_smithy_runtime_api::client::{
    interceptors::{
        Intercept,
        context::{BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut},
    },
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

/// Stands for what may be a secret.
const REDACTED: &str = "(not kept)";

/// Keeps the body of the last answer.
#[derive(Debug, Clone, Default)]
pub struct Body(Arc<Mutex<Vec<u8>>>);

impl Body {
    /// The objects in the list of that name, in the answer's order; none where it is no such JSON.
    pub fn list(&self, name: &str) -> Vec<Value> {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match serde_json::from_slice::<Value>(&body) {
            Ok(Value::Object(mut answer)) => match answer.remove(name) {
                Some(Value::Array(list)) => list,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

impl Intercept for Body {
    fn name(&self) -> &'static str {
        "Body"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // The HTTP client has read it whole, see `aws::http`.
        let bytes = context.response().body().bytes().unwrap_or_default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bytes.to_vec();
        Ok(())
    }
}

/// Sends this object as the input of a call of one of the JSON protocols, whatever the SDK's own builder holds.
#[derive(Debug, Clone)]
pub struct JsonInput(String);

impl JsonInput {
    /// The input, with the names of the API.
    pub fn new(input: &Value) -> Self {
        Self(input.to_string())
    }
}

impl Intercept for JsonInput {
    fn name(&self) -> &'static str {
        "JsonInput"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.headers_mut().insert("content-length", self.0.len().to_string());
        *request.body_mut() = SdkBody::from(self.0.clone());
        Ok(())
    }
}

/// The document to keep: keys sorted, so that the same facts are the same text, and without what may be
/// a secret (AWS returns no password, but an endpoint's extra attributes may hold one).
pub fn kept(mut document: Value) -> String {
    redact(&mut document);
    document.sort_all_objects();
    document.to_string()
}

/// Replaces what may be a secret.
pub fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                if may_be_secret(name) && !value.is_null() {
                    *value = REDACTED.into();
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(redact),
        _ => {}
    }
}

/// What the SDK marks as sensitive, and two more that hold free text.
fn may_be_secret(name: &str) -> bool {
    // `SecurityDbEncryption` is the password of Oracle's transparent data encryption.
    name.ends_with("Password")
        || matches!(name, "ExtraConnectionAttributes" | "Krb5FileContents" | "SecurityDbEncryption")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_facts_are_the_same_text_without_secrets() {
        let document = json!({
            "B": 1, "A": {"SslClientKeyPassword": "hunter2", "SecretsManagerSecretId": "arn:…"},
            "ExtraConnectionAttributes": "password=hunter2", "OracleSettings": {"SecurityDbEncryption": "hunter2", "SecurityDbEncryptionName": "k"}, "List": [{"Password": null}],
        });
        assert_eq!(
            kept(document),
            r#"{"A":{"SecretsManagerSecretId":"arn:…","SslClientKeyPassword":"(not kept)"},"B":1,"ExtraConnectionAttributes":"(not kept)","List":[{"Password":null}],"OracleSettings":{"SecurityDbEncryption":"(not kept)","SecurityDbEncryptionName":"k"}}"#
        );
    }
}
