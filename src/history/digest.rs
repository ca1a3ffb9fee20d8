use sha2::{Digest as _, Sha256};

use super::apply::record::{Coverage, Normal};

/// Stands for everything a record says, times aside. Stored, so it must mean the same in every version:
/// a change to what is stored of a record takes a new [`FORM`].
pub(super) type Digest = [u8; 16];

/// The form of what is hashed below.
const FORM: u8 = 1;

/// The digest of a record.
pub(super) fn digest(record: &Normal<'_>) -> Digest {
    let mut hash = Hash(Sha256::new());
    hash.0.update([FORM]);
    hash.coverage(&record.whole);
    hash.text(record.ends.map(super::apply::record::Resolution::as_str));
    hash.number(record.parts.len());
    for part in &record.parts {
        hash.text(Some(part.kind.as_str()));
        hash.coverage(&part.coverage);
        let resources = part.resources.as_deref().unwrap_or_default();
        hash.number(resources.len());
        for judged in resources {
            let (resource, key) = (&judged.facts.resource, &judged.facts.key);
            hash.text(Some(&resource.arn));
            hash.text(Some(&resource.name));
            hash.text(resource.status.as_deref());
            hash.text(Some(&resource.document));
            hash.text(key.arn.as_deref());
            hash.text(key.manager.map(crate::domain::KeyManager::as_str));
            hash.text(key.state.as_deref());
            // Nothing where nobody asked, so that the digests of a history without tags stay as they were.
            if let Some(tags) = &judged.facts.tags {
                hash.number(tags.len());
                for (key, value) in tags {
                    hash.text(Some(key));
                    hash.text(Some(value));
                }
            }
            hash.number(judged.verdicts.len());
            for verdict in judged.verdicts.values() {
                hash.text(Some(verdict.check_id));
                hash.text(Some(verdict.severity.as_str()));
                hash.text(Some(verdict.status.as_str()));
                hash.text(Some(verdict.reason.as_str()));
                hash.text(Some(verdict.evidence.as_str()));
            }
        }
    }
    let full = hash.0.finalize();
    let mut short = Digest::default();
    short.copy_from_slice(&full[..16]);
    short
}

struct Hash(Sha256);

impl Hash {
    fn number(&mut self, number: usize) {
        self.0.update((number as u64).to_le_bytes());
    }

    /// Length first, so that no two lists of texts hash alike.
    fn text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => {
                self.number(text.len());
                self.0.update(text);
            }
            None => self.0.update(u64::MAX.to_le_bytes()),
        }
    }

    fn coverage(&mut self, coverage: &Coverage<'_>) {
        self.text(Some(coverage.outcome.as_str()));
        self.text(coverage.reason_str());
        self.text(coverage.code);
        self.text(coverage.message.as_deref());
        self.text(coverage.request_id);
    }
}
