"""What never varies: exact numbers, and keys derived from a secret."""
