"""Stage 1, bank: YAML files become frozen models, and all that is wrong is said at once."""
