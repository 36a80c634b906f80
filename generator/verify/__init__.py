"""Stage 9, verify: finished PDFs are read back."""
