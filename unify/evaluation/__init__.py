"""Ranking metrics and retrieval protocols."""
