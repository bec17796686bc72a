"""The recommendation as a sentence."""

from __future__ import annotations

from plugins.pricing.words import Told, interpret

TOLD = Told(79.0, True, 2464.96, 89.0, 2383.97, 94.0, True, 120)


def test_published_sentence_of_section_4_2_8() -> None:
    assert interpret(TOLD, "en", None) == (
        "Setting the price at 79.00 maximises PROFIT: +3.4% versus the next-best option (89.00) given "
        "today’s competitor price (94.0) and inventory level (120 units)."
    )


def test_spanish_and_portuguese() -> None:
    assert interpret(TOLD, "es", None) == (
        "Fijar el precio en 79,00 maximiza el BENEFICIO: +3,4\xa0% frente a la siguiente mejor opción (89,00)"
        ", dados el precio de la competencia de hoy (94,0) y el nivel de inventario (120 unidades)."
    )
    assert interpret(TOLD, "pt", "R$") == (
        "Definir o preço em R$\xa079,00 maximiza o LUCRO: +3,4% em relação à segunda melhor "
        "opção (R$\xa089,00), considerando o preço do concorrente de hoje (R$\xa094,0) e o nível de "
        "estoque (120 unidades)."
    )


def test_what_is_not_known_is_not_said() -> None:
    alone = TOLD._replace(next_price=None, next_earned=None, competitor=None, inventory=None, profit=False)
    assert interpret(alone, "en", "$") == "Setting the price at $79.00 maximises REVENUE."
    assert interpret(TOLD._replace(competitor_now=False, inventory=1), "en", None).endswith(
        "given the last competitor price seen (94.0) and inventory level (1 unit)."
    )


def test_a_gain_over_nothing_or_a_loss_is_in_money() -> None:
    assert "PROFIT: +30.00 versus" in interpret(TOLD._replace(earned=10, next_earned=-20), "en", None)
    assert "PROFIT: +10.00 versus" in interpret(TOLD._replace(earned=10, next_earned=0), "en", None)


def test_no_gain_is_named_without_an_effect() -> None:
    unsure = interpret(TOLD._replace(sure=False, competitor=None, inventory=None), "en", None)
    assert unsure == (
        "The history does not show what the price changes, so no gain is promised: 79.00 has the highest "
        "expected PROFIT."
    )
    assert "%" not in interpret(TOLD._replace(sure=False), "es", None)


def test_a_loss_is_called_a_loss() -> None:
    alone = TOLD._replace(loses=True, earned=-49.0, competitor=None, inventory=None, step="weekly")
    assert (
        interpret(alone, "en", "$")
        == "No price that may win earns a profit: $79.00 loses least (-$49.00 a week)."
    )
    assert interpret(alone, "pt", None).startswith("Nenhum preço permitido dá lucro: 79,00")


def test_a_price_outside_the_history_is_said_and_promises_nothing() -> None:
    text = interpret(TOLD._replace(outside=True), "en", None)
    assert text.endswith("This price lies outside the prices of the history, so its demand is a guess.")
    assert "versus" not in text
