"""Administration of the desk: agents, teams, accounts, sessions, texts and policies."""
