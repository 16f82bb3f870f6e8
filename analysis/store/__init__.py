"""Records on disk: which may be counted on, and how they travel."""
