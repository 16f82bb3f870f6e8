"""Claims put to the test."""
