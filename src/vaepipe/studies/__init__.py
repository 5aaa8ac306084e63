"""What belongs to one study alone, in a folder of its name."""
