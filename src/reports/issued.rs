use std::io::{Read, Write};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};

use super::{VERSION, Weekly};

/// Why an issued report can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is no gzip file, or a damaged one.
    #[error("the issued report is damaged: {0}; restore a backup")]
    Damaged(#[from] std::io::Error),
    /// It is not in a form that this version knows.
    #[error("the issued report is not in a form that this version reads: {0}")]
    OtherForm(#[from] serde_json::Error),
    /// A later version of keywatch wrote it.
    #[error("the issued report has form {0}, and this version reads {VERSION} and older; use a newer one")]
    Later(u32),
}

impl Weekly {
    /// The report as the history keeps it once it is issued: JSON, gzipped. The same report gives the same bytes.
    ///
    /// # Errors
    /// None that could be named: it is written to memory.
    pub fn to_document(&self) -> Result<Vec<u8>, DocumentError> {
        // Names and words repeat so much that a closer look would save little.
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&serde_json::to_vec(self)?)?;
        Ok(gzip.finish()?)
    }

    /// The report of such a document.
    ///
    /// # Errors
    /// Where it is damaged, or of a version whose form is another.
    pub fn from_document(document: &[u8]) -> Result<Self, DocumentError> {
        let mut json = Vec::new();
        GzDecoder::new(document).read_to_end(&mut json)?;
        let report: Self = serde_json::from_slice(&json)?;
        if report.version > VERSION {
            return Err(DocumentError::Later(report.version));
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::sample;

    #[test]
    fn a_document_is_the_report() {
        for report in [sample::weekly(), sample::hostile(), sample::empty()] {
            let document = report.to_document().unwrap();
            assert_eq!(document, report.to_document().unwrap());
            assert!(document.len() < serde_json::to_vec(&report).unwrap().len() / 2);
            assert_eq!(Weekly::from_document(&document).unwrap(), report);
        }
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        let document = sample::weekly().to_document().unwrap();
        for damaged in [&document[..document.len() / 2], b"no gzip", b""] {
            assert!(matches!(Weekly::from_document(damaged), Err(DocumentError::Damaged(_))));
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(b"{\"version\": 1}").unwrap();
        let other = Weekly::from_document(&gzip.finish().unwrap());
        assert!(matches!(other, Err(DocumentError::OtherForm(_))));
        let later = Weekly { version: VERSION + 1, ..sample::weekly() }.to_document().unwrap();
        assert!(matches!(Weekly::from_document(&later), Err(DocumentError::Later(_))));
    }
}
