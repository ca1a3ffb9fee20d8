-- What a scan set out to read, in the scanner's own words: one that was cut off is taken up again only by a
-- scan of the same. Empty once the scan has come to its end.
ALTER TABLE scan ADD COLUMN scope TEXT;
