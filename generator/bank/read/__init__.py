"""Parsed YAML becomes the frozen bank; what is wrong is said at its place."""
