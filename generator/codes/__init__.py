"""Codes on paper: page codes, QR symbols, where they stand, check characters."""
