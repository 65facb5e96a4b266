"""How everything is kept: the one write door, the journal, sealing, and what all tables share."""
