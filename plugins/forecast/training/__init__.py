"""How champions are kept: the registry's door, their files, what a reviewer sees."""
