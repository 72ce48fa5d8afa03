"""How it learns: profiles and the training loops of PyTorch and Keras."""
