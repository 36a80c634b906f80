"""Stage 4, solve: every step of a draw, as it is printed."""
