"""How an installation is kept safe, and comes back."""
