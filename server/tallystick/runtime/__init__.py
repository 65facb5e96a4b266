"""Runs what a self-hoster would otherwise have to install: PostgreSQL, Envoy and the supervision of both."""
