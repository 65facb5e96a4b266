"""How a group comes back."""
