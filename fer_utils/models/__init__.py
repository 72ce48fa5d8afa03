"""What learns: networks as data, built in PyTorch and in Keras."""
