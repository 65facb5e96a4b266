"""What a user prefers: language, currency, calendar, looks."""
