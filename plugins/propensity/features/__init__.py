"""Features as customers send them, and the numbers that learners take."""
