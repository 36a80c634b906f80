"""Stage 8, stamp: finished PDFs with page codes, and print runs."""
