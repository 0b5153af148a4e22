"""One issue in the forms that partners put into websites and newsletters of their own.

``pieces`` is the neutral form, ``copies`` an issue in it, ``forms`` the list of formats.
Each format is a module that turns a copy into bytes and asks the database nothing.
"""
