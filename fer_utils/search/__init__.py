"""How settings are found: a search for hyperparameters, resumable, here or on a Ray cluster."""
