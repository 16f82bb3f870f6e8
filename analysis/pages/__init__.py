"""The page and the report that hold everything."""
