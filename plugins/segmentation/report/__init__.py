"""The machine-written report of a segmentation: metrics in, paragraphs out, in every language."""
