"""What members owe and are owed: kept sums, and what they are made of."""
