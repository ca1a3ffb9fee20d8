use super::settling::{Settling, look};

/// An instance's try to reach an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The ARN of the instance.
    pub instance: String,
    /// The ARN of the endpoint.
    pub endpoint: String,
    /// AWS's word: `testing`, `successful`, `failed`, `deleting`.
    pub status: String,
    /// What went wrong at the last try.
    pub failure: Option<String>,
    /// What its status is on its way to.
    pub settling: Option<Settling>,
}

impl Connection {
    /// A connection that was tested and works.
    pub fn successful(instance: &str, endpoint: &str) -> Self {
        Self {
            instance: instance.to_owned(),
            endpoint: endpoint.to_owned(),
            status: "successful".to_owned(),
            failure: None,
            settling: None,
        }
    }

    /// Puts it on its way to another status; `None` if it is going to be gone.
    pub fn begin(&mut self, status: &str, looks: u32, then: Option<&str>) {
        status.clone_into(&mut self.status);
        self.settling = Some(Settling { looks, then: then.map(str::to_owned) });
    }

    /// Counts a look at it; tells whether it is gone.
    pub(in crate::sandbox) fn look(&mut self) -> bool {
        let looked = look(&mut self.status, &mut self.settling);
        if self.status == "failed" && self.failure.is_none() {
            self.failure = Some("Test Endpoint failed: Application-Status: 1020912, Application-Message: Failed to connect Network error has occurred, Application-Detailed-Message: Cannot connect to the server".to_owned());
        }
        looked == super::settling::Look::Gone
    }
}
