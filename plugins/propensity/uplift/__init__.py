"""Who acts because of the contact? Two learners of uplift, judged by their cross-fitted Qini."""
