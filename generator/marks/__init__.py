"""What correctors decide: marks, who may give them, who saw what, and what comes out of them."""
