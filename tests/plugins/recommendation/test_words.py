from plugins.recommendation import words


def test_a_reason_by_choices_names_the_items() -> None:
    assert words.because(["A", "B", "C"], "en") == "Fits this user's choice of A, B, and C."
    assert words.because(["A", "B"], "es") == "Encaja con lo que este usuario eligió: A y B."
    assert words.because(["A"], "pt") == "Combina com o que este usuário escolheu: A."


def test_a_reason_by_words_names_items_and_words() -> None:
    assert (
        words.alike(["A"], ["shoes", "men"], "en") == "Shares similar attributes/keywords with A: shoes, men."
    )
    assert words.alike(["A"], ["shoes"], "es") == "Comparte atributos/palabras clave con A: shoes."
    assert words.alike(["A"], ["shoes"], "pt") == "Compartilha atributos/palavras-chave com A: shoes."


def test_an_item_that_nothing_else_speaks_for_was_chosen_before() -> None:
    assert words.because([], "en") == words.alike([], ["x"], "en") == "This user has chosen it before."
    assert words.because([], "es") == "Este usuario ya lo eligió antes."
    assert words.because([], "pt") == "Este usuário já o escolheu antes."


def test_long_names_are_cut() -> None:
    assert words.because(["x" * 256], "en") == f"Fits this user's choice of {'x' * 59}…."
