"""What several areas need: orders, features, RFM, and maths. Areas never import each other."""
