//! Step 1, who exists: the accounts of the organization, with their OU paths.
