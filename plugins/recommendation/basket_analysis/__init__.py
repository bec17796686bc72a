"""Market basket analysis: what is bought together, and which dearer item suits a customer."""
