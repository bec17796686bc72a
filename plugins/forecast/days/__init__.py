"""Days: the calendar, rows to a series, and what is taken off it before a model sees it."""
