"""Finished runs as tables and figures; reads run records only, never imports torch."""
