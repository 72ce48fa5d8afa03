"""What a figure is: accuracies, intervals, differences and calibration, of arrays, not of files."""
