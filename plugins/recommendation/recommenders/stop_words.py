"""Words of English, Spanish and Portuguese that describe no item: articles, prepositions, conjunctions,
pronouns, and forms of to be and to have.

They are spelled as :func:`plugins.recommendation.recommenders.words_in_texts.normalised` spells words.
Words that name goods in one of the three languages are not in the list, whatever they mean in the others:
without accents, ``te`` is also tea, ``pelo`` is also hair, and ``can`` and ``hay`` are sold.
"""

ENGLISH = """
    an the and or but nor if than then as at by for from in into of off on onto out over per to under up
    upon via with without within is are was were be been being am has have had do does did it its this
    that these those he she his her hers him they them their we us our you your my me who which what
    whose there here so such too very also would not
"""
SPANISH = """
    el la los las un una unos unas lo al del de en con sin por para y o u e ni que como pero sino entre
    desde hasta sobre tras segun es son era eran fue ser esta estan este estos estas ese esa esos esas
    eso esto su sus mi mis tu tus se le les nos muy mas tambien ya ha han donde cuando cual cuyo porque
    aunque
"""
PORTUGUESE = """
    os as um uma uns umas ao aos do da dos das no na nos nas num numa de em com sem por para pelos pelas
    e ou nem que como mas entre desde ate sobre apos sob sao foi ser esta estao este estes esta estas
    esse esses essa essas isso isto aquele aquela seu sua seus suas meu minha teu tua lhe lhes muito
    mais tambem ja tem ha onde quando qual cujo porque embora
"""
STOP_WORDS = frozenset(word for text in (ENGLISH, SPANISH, PORTUGUESE) for word in text.split())
