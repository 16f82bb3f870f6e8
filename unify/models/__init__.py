"""Encoders, branches and heads."""
