"""Stage 7, typeset: pdfTeX, and what is made once for all copies."""
