"""The colours of all pictures."""

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#B8A800")
"""Colours that colour-blind people can distinguish (Okabe & Ito, *Color Universal Design*, 2008). Their
yellow, #F0E442, is darker here, because it is used for lines on white."""
BLUE, ORANGE, GREEN, PINK, SKY, RED = PALETTE[:6]
ORDER = ("#08306B", "#2171B5", "#6BAED6", "#BDD7E7", "#D9D9D9")
"""Colours of ordered classes, best first: one hue from dark to light (ColorBrewer, Blues)."""
BAND_80, BAND_95 = SKY, "#CFE8F7"
"""Fills of 80 % and 95 % intervals."""
GREY, INK, PALE, FAINT = "#9A9A9A", "#333333", "#E4E4E4", "#5A5A5A"
