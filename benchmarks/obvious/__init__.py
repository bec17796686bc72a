"""The obvious implementation: what a good data scientist would write in an afternoon.

FastAPI, pydantic, pandas and the libraries' own functions, a function a route, kept readable. It gives the
same answers as far as it goes; it has no tenants, no stored models, no problem answers and one language. What
it leaves out of an answer is said in its function's docstring, and errs on its side.
"""
