use std::ops::ControlFlow;

use futures_util::TryStreamExt;
use sqlx::Statement;

use super::{CoverageFilter, FindingFilter, Question, Reader, row_values};
use crate::{
    domain::Rows,
    history::{Answer, HistoryError, checked::question},
};

/// A list that may be long.
#[derive(Debug, Clone, Copy)]
pub enum List<'a> {
    /// The findings, the worst first.
    Findings(&'a FindingFilter),
    /// Every target that was not scanned.
    Coverage(&'a CoverageFilter),
}

impl List<'_> {
    fn question(self) -> Question {
        match self {
            Self::Findings(filter) => {
                let [states, checks, accounts, regions] = filter.parameters();
                question!(
                    "SELECT * FROM findings
                     WHERE (?1 IS NULL OR state IN (SELECT value FROM json_each(?1)))
                       AND (?2 IS NULL OR check_id IN (SELECT value FROM json_each(?2)))
                       AND (?3 IS NULL OR account_id IN (SELECT value FROM json_each(?3)))
                       AND (?4 IS NULL OR region IN (SELECT value FROM json_each(?4)))
                     ORDER BY state, severity = 'critical' DESC, account_id, region, resource_arn, check_id,
                              finding_id",
                    states,
                    checks,
                    accounts,
                    regions
                )
            }
            Self::Coverage(filter) => {
                let [accounts, regions, outcomes] = filter.parameters();
                question!(
                    "SELECT * FROM coverage
                     WHERE outcome <> 'scanned'
                       AND (?1 IS NULL OR account_id IN (SELECT value FROM json_each(?1)))
                       AND (?2 IS NULL OR region IN (SELECT value FROM json_each(?2)))
                       AND (?3 IS NULL OR outcome IN (SELECT value FROM json_each(?3)))
                     ORDER BY outcome, account_id, region",
                    accounts,
                    regions,
                    outcomes
                )
            }
        }
    }
}

impl Reader {
    /// Hands a list over row by row, so that its length does not matter; the columns come first.
    /// `ControlFlow::Break` ends it.
    pub async fn each(
        &self,
        list: List<'_>,
        mut on: impl FnMut(Answer) -> ControlFlow<()>,
    ) -> Result<(), HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let mut db = self.connection().await?;
        let question = list.question();
        let (columns, statement) = question.prepare(&mut db).await.map_err(fail)?;
        if on(Answer::Columns(columns)).is_break() {
            return Ok(());
        }
        let query = question.parameters.into_iter().fold(statement.query(), |query, value| query.bind(value));
        let mut found = query.fetch(&mut *db);
        while let Some(row) = found.try_next().await.map_err(fail)? {
            if on(Answer::Row(row_values(&row).map_err(fail)?)).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// A whole list.
    pub async fn list(&self, list: List<'_>) -> Result<Rows, HistoryError> {
        let mut rows = Rows::default();
        self.each(list, |piece| {
            match piece {
                Answer::Columns(columns) => rows.columns = columns,
                Answer::Row(row) => rows.rows.push(row),
            }
            ControlFlow::Continue(())
        })
        .await?;
        Ok(rows)
    }

    /// The findings, the worst first.
    pub async fn findings(&self, filter: &FindingFilter) -> Result<Rows, HistoryError> {
        self.list(List::Findings(filter)).await
    }

    /// Every target that was not scanned.
    pub async fn coverage(&self, filter: &CoverageFilter) -> Result<Rows, HistoryError> {
        self.list(List::Coverage(filter)).await
    }
}
