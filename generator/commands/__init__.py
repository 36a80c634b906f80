"""Commands beside the build."""
