"""For those who mark: key cards, sheets by problem, follow-through, look-up, errata."""
