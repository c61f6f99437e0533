"""What the examples on more than one machine share in Python."""
