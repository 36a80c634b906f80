"""Values in the YAML files: how each kind is read, and what a JSON Schema says of it."""
