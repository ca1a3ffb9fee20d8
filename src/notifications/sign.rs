//! The signature of a webhook's request, so that its receiver knows who sent it, and that it is not a copy of an
//! old one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::secret::Secret;
use crate::domain::Timestamp;

/// The header's value: `t=` the time in seconds since 1970, `v1=` HMAC-SHA256 of that number, a dot and the body, in
/// hexadecimal.
pub fn signature(key: &Secret, at: Timestamp, body: &[u8]) -> String {
    let time = at.as_second().to_string();
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={time},v1={hex}")
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::notifications::secret;

    #[test]
    fn the_signature_is_that_of_other_implementations() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(&path, "key\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let key = secret::read(&path).unwrap();
        // printf '1790000000.{"id":1}' | openssl dgst -sha256 -hmac key
        assert_eq!(
            signature(&key, Timestamp::from_second(1_790_000_000).unwrap(), br#"{"id":1}"#),
            "t=1790000000,v1=b3841d86e5ee97df96c5a1b904575f094968e8dc3a46349d327e58ae1226c7d4"
        );
    }
}
