"""The desk under load: many cases in PostgreSQL, agents who ask for pages, open streams of events."""
