"""The study `objects`: convolutional VAEs on small colour pictures, and what might sharpen them."""
