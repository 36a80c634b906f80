"""Stage 3, draw: a pure function of names; and what keeps draws fair."""
