"""How work is done: processes, and what they report."""
