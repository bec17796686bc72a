"""From a series to the champion that did best on held-out days, and from that to months with bounds."""
