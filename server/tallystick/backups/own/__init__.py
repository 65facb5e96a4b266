"""Users' own backups: everything that one user sees, in one file that only their passphrase opens, in a Drive of theirs."""
