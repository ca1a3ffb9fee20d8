use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::domain::Region;

/// One client per Region, for all accounts: whose call it is, is said with each call. A client costs far
/// more to make than a call.
pub struct PerRegion<C> {
    make: Box<dyn Fn(&Region) -> C + Send + Sync>,
    clients: Mutex<HashMap<Region, C>>,
}

impl<C: Clone> PerRegion<C> {
    /// Clients that are made when first asked for.
    pub fn new(make: impl Fn(&Region) -> C + Send + Sync + 'static) -> Self {
        Self { make: Box::new(make), clients: Mutex::default() }
    }

    /// The Region's client.
    pub fn client(&self, region: &Region) -> C {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        let client = (self.make)(region);
        clients.insert(region.clone(), client.clone());
        client
    }
}
