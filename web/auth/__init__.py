"""Who works at the desk: signing in, sessions, what each role may do, and who looked at what."""
