"""Backups of users that come by themselves."""
