-- Reports that were issued, and what a report of a past week has to know.

-- A report as it was handed out: a document, which nothing that happens later changes. `document` is its value as
-- JSON, gzipped; every format is made of it.
CREATE TABLE report (
    week             TEXT NOT NULL PRIMARY KEY,
    time_zone        TEXT NOT NULL,
    begins_at        TEXT NOT NULL,
    ends_at          TEXT NOT NULL,
    issued_at        TEXT NOT NULL,
    keywatch_version TEXT NOT NULL,
    document         BLOB NOT NULL,
    CHECK (ends_at > begins_at),
    CHECK (issued_at >= ends_at)
) STRICT;

CREATE TRIGGER report_no_update BEFORE UPDATE ON report BEGIN
    SELECT RAISE(ABORT, 'an issued report is never changed');
END;
CREATE TRIGGER report_no_delete BEFORE DELETE ON report BEGIN
    SELECT RAISE(ABORT, 'an issued report is never deleted');
END;

CREATE VIEW reports AS
SELECT week, time_zone, begins_at, ends_at, issued_at, keywatch_version FROM report;

-- What was said of a target or a part when the period began: `error_message` is the newest. Of the periods that there
-- are, the newest is all that is known.
ALTER TABLE coverage_period ADD COLUMN first_message TEXT;
UPDATE coverage_period SET first_message = error_message WHERE error_message IS NOT NULL;
