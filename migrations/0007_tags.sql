-- The tags of a resource, as a JSON object; empty where nobody asked for them. They are asked for only where an
-- exception by tag is in force, and belong to no period: they serve nothing but that.
ALTER TABLE resource ADD COLUMN tags TEXT;
