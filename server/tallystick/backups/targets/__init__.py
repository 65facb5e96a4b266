"""Where do archives lie? In a folder of this machine, or in a Google Drive: one Protocol for both."""
