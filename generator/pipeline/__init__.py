"""The stages in order, here and in worker processes."""
