"""Stage 10, release: the folders of the recipients, whole or not at all."""
