"""Pages that come back from a scanner: which page each is, and how it lies on the picture."""
