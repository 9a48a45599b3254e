"""Brochures: one text becomes a press file, a web twin that a screen reader reads, and sheets for the office printer.

`folding` is the paper, `content` the words, `composing` the page, `measuring` asks the laid-out panels, `honesty` asks
what an advertisement has to say, `making` is the road from an order to the files.
"""
