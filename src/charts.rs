//! Charts as inline SVG: no script, no font, no colour of their own but what the page's style sheet gives them.
