"""Who may do what, and what a stranger's page or program cannot do.

Passwords, sessions, roles, the tokens of forms, headers, limits of size and of tries, and which host names are ours.
"""
