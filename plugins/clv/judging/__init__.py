"""How candidates are judged: a window that is held out, and the contest on it."""
