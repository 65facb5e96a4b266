"""What a group shares, on its way from Splitwise into a group."""
