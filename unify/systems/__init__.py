"""Systems: short recipes over the models and losses."""
