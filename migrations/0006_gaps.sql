-- The targets that are not scanned now. They are few among all, and `coverage`, its named queries and every scan's
-- last words ask for just them; nothing is written to this index but where a gap begins or ends.
CREATE INDEX coverage_gap ON coverage_period (target_id, outcome)
    WHERE part = '' AND valid_to IS NULL AND outcome <> 'scanned';
