//! Step 3, where to look: account x Region, with the reason why a pair is left out.
