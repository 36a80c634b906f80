"""Rooms as data: which seats there are, who gets which, and which copies lie side by side."""
