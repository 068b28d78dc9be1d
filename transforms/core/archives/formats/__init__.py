"""The formats of archives, one a file: how each is recognised, listed and read.

`base` says what a format is, `registry` lists all of them; `lines` is shared by formats that have a
page a line.
"""
