"""What customers did: purchase occasions, the four figures of a history, and digests of both."""
