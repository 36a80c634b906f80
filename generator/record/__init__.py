"""Stage 5, record: the ledger, the authority on what was drawn and for whom."""
