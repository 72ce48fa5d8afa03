"""One network for an emotion and action units at once: the joint loss, and its runs."""
