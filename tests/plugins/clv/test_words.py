import datetime

import pytest

from abintel.wording import Lang
from plugins.clv.words import Churn, Figures, explanations, interpretation

HIGH = Figures(3, 131, 194, 1188.4, 0.125, 0.3, "High", 188.4, True)
MEDIUM = Figures(1, 1, 200, 110.0, 0.75, 1.0, "Medium", 188.4, True)
LOW = Figures(0, 0, 22, 35.0, 1.0, 1.0, "Low", 188.4, True)
DAY = datetime.date(2024, 4, 1)


@pytest.mark.parametrize(
    ("lang", "figures", "sentence"),
    [
        (
            "en",
            HIGH,
            "C-1 has 3 repeat purchases, 131 days between first & last buy, and Avg margin/order: $1,188. "
            "Tier: High. Focus on VIP retention & upsell.",
        ),
        (
            "en",
            MEDIUM,
            "C-1 has 1 repeat purchase, 1 day between first & last buy, and Avg margin/order: $110. "
            "Tier: Medium. Consistent buyer, nurture with offers.",
        ),
        (
            "en",
            LOW,
            "C-1 has no repeat purchase yet. Margin of the only order: $35. "
            "Tier: Low. One-time buyer, encourage a second order.",
        ),
        (
            "es",
            HIGH,
            "C-1 tiene 3 recompras, 131 días entre la primera y la última compra. "
            "Margen medio por pedido: 1.188\xa0$. Nivel: Alto. "
            "Priorizar la retención VIP y la venta de mayor valor.",
        ),
        (
            "es",
            LOW,
            "C-1 no tiene ninguna recompra todavía. Margen del único pedido: 35\xa0$. "
            "Nivel: Bajo. Comprador de una sola vez: animarlo a un segundo pedido.",
        ),
        (
            "pt",
            MEDIUM,
            "C-1 tem 1 recompra, 1 dia entre a primeira e a última compra. "
            "Margem média por pedido: $\xa0110. Nível: Médio. Comprador constante: cultivar com ofertas.",
        ),
    ],
)
def test_interpretation(lang: Lang, figures: Figures, sentence: str) -> None:
    assert interpretation("C-1", figures, "margin", lang, "$") == sentence


def test_explanations_in_english() -> None:
    churn = Churn(False, None, None, 63, False)
    assert explanations(HIGH, churn, "margin", "en", "$") == {
        "frequency": "3 repeat purchases, in the top 13% by repeat purchases.",
        "recency": "131 days between first & last buy. Last order moderately recent (63 days ago).",
        "T": "194 days observed (customer age).",
        "monetary_value": "Avg margin/order: $1,188.40, in the top 30% by value per order.",
        "churned": "False (no churn date supplied).",
        "clv_potential_tier": "Overall potential tier **High**: repeat buyer, $188.40 per order or more "
        "(70th percentile).",
    }


def test_explanations_in_spanish() -> None:
    churn = Churn(True, DAY, None, 199, False)
    assert explanations(MEDIUM, churn, "revenue", "es", "€") == {
        "frequency": "1 recompra, fuera de la mitad superior por recompras.",
        "recency": "1 día entre la primera y la última compra. Último pedido hace mucho tiempo (199 días).",
        "T": "200 días en observación (antigüedad del cliente).",
        "monetary_value": "Ingreso medio por pedido: 110,00\xa0€, "
        "fuera de la mitad superior por valor por pedido.",
        "churned": "Sí (fecha de baja: 1 abr 2024).",
        "clv_potential_tier": "Nivel de potencial **Medio**: comprador recurrente, por debajo de 188,40\xa0€ "
        "por pedido (percentil 70).",
    }


def test_explanations_in_portuguese() -> None:
    churn = Churn(False, None, 90, 22, False)
    assert explanations(LOW._replace(others=False), churn, "margin", "pt", "R$") == {
        "frequency": "Nenhuma recompra ainda.",
        "recency": "Uma única compra. Último pedido recente (há 22 dias).",
        "T": "22 dias em observação (tempo como cliente).",
        "monetary_value": "Margem do único pedido: R$\xa035,00.",
        "churned": "Não (último pedido há 22 dias; o limite é de 90 dias).",
        "clv_potential_tier": "Nível de potencial **Baixo**: comprador de uma única vez.",
    }


@pytest.mark.parametrize(
    ("churn", "sentence"),
    [
        (Churn(True, None, 90, 120, False), "True (no order for 120 days; the threshold is 90 days)."),
        (Churn(True, DAY, 90, 120, False), "True (churn date Apr 1, 2024)."),
        (Churn(True, DAY, 90, 120, True), "True (no order for 120 days; the threshold is 90 days)."),
        (Churn(False, DAY, 90, 12, True), "False (churn date Apr 1, 2024 lies ahead)."),
        (Churn(False, None, 90, 1, False), "False (last order 1 day ago; the threshold is 90 days)."),
    ],
)
def test_why_a_customer_is_churned_or_not(churn: Churn, sentence: str) -> None:
    assert explanations(HIGH, churn, "margin", "en", "$")["churned"] == sentence
