"""Speeds, each measured beside what it is built on in the same run."""
