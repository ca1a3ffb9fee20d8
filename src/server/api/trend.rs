use std::sync::Arc;

use axum::{
    extract,
    http::{HeaderMap, Uri},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::{Stopped, answer, typed},
    list::Items,
    parameters::Parameters,
    refused::Refused,
    values::{Account, Day, When},
    words::{By, Check, Word, all_words},
};
use crate::{
    history::{Period, TrendFilter},
    server::State,
};

/// Periods in one answer, at most: years of days.
const MOST: usize = 2000;

/// One period, a UTC day or an ISO week.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct TrendPeriod {
    /// Its name: 2026-11-24, 2026-W48.
    period: String,
    /// Findings that were open at its end; the newest period ends now.
    open: i64,
    /// Findings that opened for the first time; null where a part of the period was pruned, as the next two.
    new: Option<i64>,
    /// Findings that were resolved.
    resolved: Option<i64>,
    /// Findings that reopened.
    reopened: Option<i64>,
    /// Verdicts at its end: as it should be.
    pass: i64,
    /// Not as it should be.
    fail: i64,
    /// Not known.
    unknown: i64,
    /// Suppressed by an exception, whatever they are.
    suppressed: i64,
    /// The part of all verdicts that pass, 0 to 1; null where nothing was judged.
    compliance: Option<f64>,
}

/// Which trend.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
pub(super) struct Trend {
    /// What an item stands for; a week if left out.
    #[param(inline, value_type = By, required = false)]
    by: Option<By>,
    /// The first day, or a day of the first week; twelve weeks before the last if left out.
    #[param(inline)]
    from: Option<Day>,
    /// The last day, or a day of the last week; the newest if left out.
    #[param(inline)]
    to: Option<Day>,
    /// Only of this check; may be repeated.
    #[param(inline, required = false)]
    check: Vec<Check>,
    /// Only of this account; may be repeated.
    #[param(inline, required = false)]
    account: Vec<Account>,
    /// As it was known at this moment, or at the end of this UTC day. The history has to reach back to it.
    #[param(inline)]
    as_of: Option<When>,
}

impl Trend {
    pub(super) fn read(parameters: &mut Parameters) -> Self {
        Self {
            by: parameters.one("by"),
            from: parameters.one("from"),
            to: parameters.one("to"),
            check: parameters.all("check"),
            account: parameters.all("account"),
            as_of: parameters.one("as_of"),
        }
    }

    fn filter(self) -> (TrendFilter, Option<When>) {
        let filter = TrendFilter {
            by: match self.by {
                Some(By::Day) => Period::Day,
                Some(By::Week) | None => Period::Week,
            },
            from: self.from.map(|Day(day)| day),
            to: self.to.map(|Day(day)| day),
            checks: all_words(self.check, Word::word),
            accounts: self.account.into_iter().map(|Account(id)| id).collect(),
        };
        (filter, self.as_of)
    }
}

/// The numbers over time
///
/// One item for each period in which there was a history, oldest first, all in one page.
#[utoipa::path(
    get,
    path = "/api/v1/trend",
    tag = "findings",
    params(Trend),
    responses(
        (status = 200, description = "The periods", body = Items<TrendPeriod>, headers(
            ("etag" = String, description = "Stands for this answer, for If-None-Match"),
        )),
        (status = 404, description = "The history does not reach back so far",
         body = super::refused::Problem, content_type = "application/problem+json"),
        Refused,
    )
)]
pub(super) async fn trend(
    extract::State(state): extract::State<Arc<State>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Stopped> {
    let mut parameters = Parameters::of(&uri);
    let (filter, as_of) = Trend::read(&mut parameters).filter();
    parameters.end()?;
    let turn = state.history.turn().await?;
    let trend = match as_of {
        None => turn.reader.trend(&filter).await?,
        Some(when) => {
            let now = (state.now)();
            turn.reader.as_of(when.ends(now), now).await?.trend(&filter).await?
        }
    };
    drop(turn);
    if trend.rows.len() > MOST {
        let mut parameters = Parameters::none();
        let detail = format!(
            "has to be nearer to `to`: these are {} periods, and {MOST} may be asked for",
            trend.rows.len()
        );
        parameters.refuse("from", detail);
        parameters.end()?;
    }
    answer(&headers, &Items::all(typed::<TrendPeriod>(trend)?))
}
