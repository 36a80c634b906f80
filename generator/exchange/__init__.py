"""Exchange with other systems: drawn questions for them, questions of theirs as a first bank."""
