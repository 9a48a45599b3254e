"""The print shop's file: PDF/X-4 in four inks, with bleed, and read back before it is sent.

`profile` is the paper and the press, `inks` turns a screen's colour into inks, `conversion` does so to a whole PDF,
`pdfx` gives it boxes and the keys of the standard, `preflight` measures the finished file as a print shop would.
"""
