"""What is learned from: FER2013, drawn faces, splits, audit and augmentation."""
