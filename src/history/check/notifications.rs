//! What was and is to be told to people.

use super::{Invariant, RESTORE};
use crate::history::checked::checked;

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "notification_state",
        sentence: "a message waits for its next attempt, was delivered or was given up, one of the three, in words and \
                   times that keywatch writes",
        remedy: RESTORE,
        sql: checked!(
            "SELECT printf('notification %d: %s, %s', notification_id, channel, kind) FROM notification
             WHERE (next_attempt_at IS NOT NULL) + (delivered_at IS NOT NULL) + (given_up_at IS NOT NULL) <> 1
                OR channel NOT IN ('webhook', 'slack', 'email', 'sns') OR kind NOT IN ('scan', 'baseline', 'report')
                OR coalesce(next_attempt_at, delivered_at, given_up_at)
                   NOT GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'
                OR created_at
                   NOT GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'
                OR attempts < 0 OR (delivered_at IS NOT NULL AND attempts = 0)"
        ),
    },
    Invariant {
        name: "notification_payload",
        sentence: "a message says what happened, of the kind that its row names",
        remedy: RESTORE,
        sql: checked!(
            "SELECT printf('notification %d: %s', notification_id, kind) FROM notification
             WHERE NOT json_valid(payload) OR payload ->> '$.version' IS NULL OR payload ->> '$.kind' IS NOT kind"
        ),
    },
    Invariant {
        name: "notification_told",
        sentence: "a channel was told of nothing that is still to come",
        remedy: RESTORE,
        sql: checked!(
            "SELECT printf('channel %s: told up to event %d and loss %d', channel, last_event_id, last_loss_id)
             FROM notification_channel
             WHERE last_event_id > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'finding_event'), 0)
                OR last_loss_id > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'coverage_loss'), 0)"
        ),
    },
];
