"""How an exam writes: the language of its texts, and the way in which its numbers are printed."""
