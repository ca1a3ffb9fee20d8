use tokio::time::{Duration, Instant};

use crate::domain::{AccountId, Failure};

/// Calls in a row without an answer after which a line is dead.
const DEAD_AFTER: u32 = 8;

/// Whether a service answers in a Region. Pure: the time is an argument.
///
/// It is dead once so many calls in a row, of more than one account, were not answered at all: one
/// account's trouble is not the Region's. Then one call at a time tries it, and any answer revives it.
#[derive(Debug, Default)]
pub struct Line {
    /// Calls without an answer since the last answer.
    silent: u32,
    /// The account of the first of them.
    first: Option<AccountId>,
    /// Others were not answered either.
    others: bool,
    /// What the last of them met.
    last: Option<Failure>,
    /// When the next call may try a dead line.
    next_try: Option<Instant>,
}

impl Line {
    /// Lets a call pass, and tells whether it tries a dead line: then it is the only one for `apart`. Else
    /// tells when the next may.
    pub fn pass(&mut self, now: Instant, apart: Duration) -> Result<bool, Instant> {
        match self.next_try {
            Some(at) if now < at => Err(at),
            Some(_) => {
                self.next_try = Some(now + apart);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Something came back, be it an error. Tells whether the line was dead.
    pub fn answered(&mut self) -> bool {
        std::mem::take(self).next_try.is_some()
    }

    /// Nothing came back. `account` is whose trouble it may be, `None` where all accounts call as one. Tells
    /// whether the line has just died.
    pub fn silent(
        &mut self,
        account: Option<AccountId>,
        failure: &Failure,
        now: Instant,
        apart: Duration,
    ) -> bool {
        self.silent = self.silent.saturating_add(1);
        self.others |= account.is_none_or(|account| *self.first.get_or_insert(account) != account);
        self.last = Some(failure.clone());
        let dies = self.next_try.is_none() && self.others && self.silent >= DEAD_AFTER;
        if dies {
            self.next_try = Some(now + apart);
        }
        dies
    }

    /// Whether nobody is answered.
    pub fn is_dead(&self) -> bool {
        self.next_try.is_some()
    }

    /// What a call that was not made fails with: as the last one that was, and why it was not.
    pub fn refusal(&self, region: &str, now: Instant) -> Option<Failure> {
        let (last, next) = (self.last.as_ref()?, self.next_try?);
        let service = last.operation.split(':').next().unwrap_or_default();
        let message = format!(
            "no answer from {service} in {region} to the last {} calls, so it is not asked again for {:.1} s; the \
             last: {}",
            self.silent,
            next.saturating_duration_since(now).as_secs_f64(),
            last.message
        );
        Some(Failure { message, ..last.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CoverageReason;

    const APART: Duration = Duration::from_secs(10);

    fn failure() -> Failure {
        Failure {
            reason: CoverageReason::Timeout,
            operation: "dms:DescribeEndpoints",
            code: None,
            message: "no answer within 10s".to_owned(),
            request_id: None,
        }
    }

    fn account(n: u32) -> Option<AccountId> {
        Some(format!("{n:012}").parse().unwrap())
    }

    /// A line that has been silent to so many calls, of as many accounts as there are.
    fn silent_to(calls: u32, accounts: u32, now: Instant) -> Line {
        let mut line = Line::default();
        for n in 0..calls {
            assert_eq!(
                line.silent(account(n % accounts), &failure(), now, APART),
                n + 1 == DEAD_AFTER && accounts > 1
            );
        }
        line
    }

    #[tokio::test]
    async fn it_dies_after_calls_of_several_accounts_and_is_tried_one_call_at_a_time() {
        let now = Instant::now();
        let mut line = silent_to(DEAD_AFTER - 1, 2, now);
        assert_eq!(line.pass(now, APART), Ok(false));
        assert!(line.silent(account(1), &failure(), now, APART));
        assert_eq!(line.pass(now, APART), Err(now + APART));
        let later = now + APART;
        assert_eq!(line.pass(later, APART), Ok(true), "one tries");
        assert_eq!(line.pass(later, APART), Err(later + APART), "and only one");
        assert!(!line.silent(account(2), &failure(), later + APART, APART), "it was dead before");
        assert_eq!(line.pass(later + APART, APART), Ok(true));

        assert!(line.answered());
        assert_eq!(line.pass(later, APART), Ok(false));
        assert!(!line.silent(account(1), &failure(), later, APART), "counted from the start");
        assert!(!line.answered());
    }

    #[tokio::test]
    async fn one_account_or_an_answer_in_between_leaves_it_alive() {
        let now = Instant::now();
        let mut line = silent_to(100, 1, now);
        assert_eq!(line.pass(now, APART), Ok(false));
        assert!(line.silent(None, &failure(), now, APART), "unless all call as that one");
        let mut line = silent_to(DEAD_AFTER - 1, 3, now);
        line.answered();
        for n in 0..DEAD_AFTER - 1 {
            assert!(!line.silent(account(n), &failure(), now, APART));
        }
        assert_eq!(line.pass(now, APART), Ok(false));
        assert_eq!(line.refusal("eu-west-1", now), None);
    }

    #[tokio::test]
    async fn a_refusal_says_what_happened_and_until_when() {
        let now = Instant::now();
        let refusal =
            silent_to(DEAD_AFTER, 2, now).refusal("eu-west-1", now + Duration::from_secs(4)).unwrap();
        assert_eq!(refusal.reason, CoverageReason::Timeout);
        assert_eq!(
            refusal.to_string(),
            "dms:DescribeEndpoints: no answer from dms in eu-west-1 to the last 8 calls, so it is not asked again \
             for 6.0 s; the last: no answer within 10s"
        );
    }
}
