"""The study `objects`: convolutional VAEs on small colour pictures, and what makes them clear."""
