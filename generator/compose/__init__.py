"""Stage 6, compose: one template per bank, and a short list of texts per copy.

A paper is composed from :class:`~generator.compose.given.Given`, a type that holds no answer and
no person; a key in addition from :class:`~generator.compose.given.Answers`.
"""
