"""The one stream that a backup is: written, read and verified with constant memory. server/docs/archive-format.md describes it."""
