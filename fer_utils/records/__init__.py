"""What was done and what came out: experiments, run records, metrics and tables."""
