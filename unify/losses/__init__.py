"""Losses: pure functions on tensors, one term a file."""
