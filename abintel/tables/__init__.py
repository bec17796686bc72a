"""Tables as people have them (CSV, Excel) become the rows of a route's body, by one set of rules."""
