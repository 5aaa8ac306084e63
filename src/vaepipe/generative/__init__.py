"""What the studies of generative models of images in classes share."""
