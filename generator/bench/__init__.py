"""What `make bench` measures; no build runs it."""
