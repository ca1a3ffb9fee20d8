-- What was removed from the history, and when: without it, a gap in the past could not be told from nothing
-- having happened. `counts` is a JSON object, table by table.
CREATE TABLE pruning (
    pruned_before TEXT NOT NULL,
    at            TEXT NOT NULL,
    counts        TEXT NOT NULL CHECK (json_valid(counts))
) STRICT;
