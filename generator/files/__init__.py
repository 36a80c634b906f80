"""Files: written whole, compared by digest, as CSV and HTML; and the program's own."""
