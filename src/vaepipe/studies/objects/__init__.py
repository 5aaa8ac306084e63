"""The study `objects`: convolutional VAEs on small colour pictures, and what was tried for clearer ones."""
