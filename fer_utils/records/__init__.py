"""What was done and what came out: run records, what they answer, and tables made of them."""
