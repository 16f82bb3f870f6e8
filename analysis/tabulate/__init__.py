"""Tables: cells, statuses, footnotes, formats."""
