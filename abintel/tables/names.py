"""Which column belongs to which field, by its name in English, Spanish or Portuguese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

_CUSTOMER = (
    "customerid customer customernumber customerno clientid client userid user memberid "
    "accountid contactid buyerid codigocliente codcliente "
    "idcliente clienteid cliente numerocliente customeremail email billingemail"
)
_ITEM = (
    "sku lineitemsku productid productcode product itemid item stockcode articleid article "
    "codigoproducto idproducto idproduto producto produto articulo artigo referencia "
    "lineitemname"
)
_DATE = (
    "date orderdate invoicedate purchasedate transactiondate day createdat createddate "
    "createddateutc createdutc created paidat processedat timestamp datetime orderdatetime "
    "fecha fechapedido fechacompra dia data datapedido "
    "datacompra ds"
)
_AMOUNT = (
    "amount ordertotal totalamount totalprice total linetotal amountpaid net netamount "
    "netsales grosssales sales revenue value spend importe importetotal monto valor "
    "valortotal montante subtotal"
)
_QUANTITY = "quantity qty units pieces lineitemquantity cantidad unidades quantidade qtd qtde"
_PRICE = "unitprice price lineitemprice itemprice preciounitario precio precounitario preco valorunitario"
_ALIASES = {
    "customer_id": _CUSTOMER + " id",
    "id": _CUSTOMER,
    "user_id": _CUSTOMER,
    "item_id": _ITEM,
    "product_id": _ITEM + " category categoria",
    "product_code": _ITEM,
    "date": _DATE,
    "snapshot_date": "snapshot date fecha data",
    "amount": _AMOUNT,
    "revenue": "netsales sales turnover totalsales grosssales ingresos ventas receita vendas " + _AMOUNT,
    "cost": "cost costs expense expenses spend coste costo custo gasto gastos " + _AMOUNT,
    "sales_quantity": _QUANTITY + " unitssold sales ventas vendas",
    "units_sold": _QUANTITY,
    "transaction_id": "orderid order ordernumber orderno transactionid invoiceid invoice invoiceno "
    "invoicenumber receipt pedido idpedido numeropedido nopedido npedido nrpedido "
    "codigopedido id",
    "answer": "score nps rating respuesta nota puntuacion resposta",
    "churned": "churn exited cancelled baja cancelado",
    "category": "categoria productcategory",
    "price": _PRICE,
    "currency": "moneda moeda currencycode",
}
_SMALL_WORDS = frozenset({"de", "del", "la", "do", "da", "of", "the"})
QUANTITY = tuple(_QUANTITY.split())
PRICE = tuple(_PRICE.split())
COMPUTED = ("amount", "revenue")
"""Fields that are quantity times price where no column has them."""


def plain(name: str) -> str:
    """A name without case, accents, spaces, signs and the small words between its words.

    >>> plain("Nº pedido"), plain("Código del cliente")
    ('nopedido', 'codigocliente')
    """
    letters = "".join(
        sign for sign in unicodedata.normalize("NFKD", name).lower() if not unicodedata.combining(sign)
    )
    return "".join(word for word in re.findall(r"[a-z0-9]+", letters) if word not in _SMALL_WORDS)


def matched(
    columns: Sequence[str], fields: Sequence[str], given: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, str] | None]:
    """The column of each field, and the columns of quantity and price where the amount is their product.

    Args:
        columns: names of the file's columns.
        fields: names of the fields, the required ones first.
        given: the field of a column as the user says; an empty name leaves the column out.

    >>> matched(["Customer ID", "Order Date", "Qty", "Unit price"], ["customer_id", "date", "amount"], {})
    ({'customer_id': 'Customer ID', 'date': 'Order Date'}, ('Qty', 'Unit price'))
    """
    chosen = {field: column for column, field in given.items() if field in fields}
    names = {plain(column): column for column in reversed(columns) if column not in given}
    for field in fields:
        column = names.get(plain(field))
        if field not in chosen and column is not None:
            chosen[field] = names.pop(plain(field))
    # Shopify's export of orders: `Name` is the order's number.
    orders = ("name",) if any(name.startswith("lineitem") for name in names) else ()
    for field in fields:
        aliases = (*(orders if field == "transaction_id" else ()), *_ALIASES.get(field, "").split())
        alias = next((alias for alias in aliases if alias in names), None)
        if field not in chosen and alias is not None:
            chosen[field] = names.pop(alias)
    quantity = next((names[alias] for alias in QUANTITY if alias in names), None)
    price = next((names[alias] for alias in PRICE if alias in names), None)
    computes = any(field in fields and field not in chosen for field in COMPUTED)
    return chosen, (quantity, price) if computes and quantity is not None and price is not None else None
