"""What the paper publishes, and how far a number may lie from it."""
