"""Benchmark records as tables."""
