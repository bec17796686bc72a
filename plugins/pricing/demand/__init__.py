"""How many units are sold at which price? `roster.py` lists the learners that compete."""
