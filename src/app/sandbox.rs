use std::{fs, io, net::SocketAddr, path::Path, time::Duration};

use crate::{
    domain::{Region, Timestamp},
    sandbox::{
        Sandbox, Settings,
        world::{GenerateOptions, Life, LifeOptions, World},
    },
};

/// The size of a sandbox organization, and where it listens.
#[derive(Debug, Clone, Copy)]
pub struct SandboxPlan {
    /// Accounts of the organization.
    pub accounts: usize,
    /// Regions that exist.
    pub regions: usize,
    /// The same seed makes the same organization.
    pub seed: u64,
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long every call takes.
    pub latency: Duration,
}

/// A sandbox that answers until it is dropped.
pub struct ServedSandbox {
    sandbox: Sandbox,
    regions: Vec<Region>,
    accounts: usize,
}

/// What becomes of a served organization, day by day.
pub struct SandboxLife<'a> {
    sandbox: &'a Sandbox,
    life: Life,
}

impl SandboxLife<'_> {
    /// Lets a day pass, and tells in plain words what it brought that concerns whole accounts, or more.
    pub fn live(&mut self) -> Vec<String> {
        let diary = self.sandbox.edit(|world| self.life.live(world));
        diary.iter().filter(|happening| happening.is_big()).map(ToString::to_string).collect()
    }

    /// The moment up to which it was lived.
    pub fn now(&self) -> Timestamp {
        self.life.now()
    }
}

/// Makes an organization and serves it.
///
/// # Errors
/// Where the address can't be listened on.
pub async fn serve_sandbox(plan: SandboxPlan) -> io::Result<ServedSandbox> {
    let SandboxPlan { accounts, regions, seed, listen, latency } = plan;
    let options = GenerateOptions { accounts, regions, seed, ..GenerateOptions::default() };
    let world = World::generate(&options);
    let (regions, accounts) = (world.regions.keys().cloned().collect(), world.accounts.len());
    let sandbox = Sandbox::start(world, Settings { listen, latency }).await?;
    Ok(ServedSandbox { sandbox, regions, accounts })
}

impl ServedSandbox {
    /// Where it answers.
    pub fn endpoint_url(&self) -> String {
        self.sandbox.endpoint_url()
    }

    /// Accounts in it, the management account included.
    pub fn accounts(&self) -> usize {
        self.accounts
    }

    /// Its Regions.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// A life of that many days, of which none has passed yet.
    pub fn begin_life(&self, seed: u64, begins: Timestamp, days: u32) -> SandboxLife<'_> {
        let life = self.sandbox.edit(|world| Life::new(LifeOptions { seed, begins, days }, world));
        SandboxLife { sandbox: &self.sandbox, life }
    }

    /// What a scan of it needs in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        self.sandbox.environment()
    }

    /// Writes a config for it: its own Regions, and no patience with limits that it does not have.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn write_config(&self, file: &Path) -> io::Result<()> {
        let names: Vec<&str> = self.regions.iter().map(Region::as_str).collect();
        let mut text = format!(
            "# Made for a sandbox organization; `keywatch init` writes the one for a real one.\n\
             [regions]\ninclude = {names:?}\n"
        );
        for service in ["organizations", "account"] {
            text += &format!("\n[rate_limits.{service}]\nper_second = 1000\nburst = 1000\n");
        }
        fs::write(file, text)
    }
}
