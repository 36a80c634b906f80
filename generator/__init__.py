"""Randomized exam variants: papers, answer keys and page codes from a YAML bank."""

__version__ = "0.1.0"
