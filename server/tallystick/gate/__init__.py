"""Who calls, and is the call well-formed? Every call passes here first."""
