"""What the exam office and the print shop get on paper: lists, stickers, tickets, plans.

Each module makes one kind of paper from plain data, in one function that returns a PDF; what goes
into which folder is decided by the release.
"""
