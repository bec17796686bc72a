"""What a reviewer sees of a trained model."""
