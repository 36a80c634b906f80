"""Registered Python: solvers and figures that a bank names."""
