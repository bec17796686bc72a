"""Load control: rate limits, turns, small requests answered at once, memory given back."""
