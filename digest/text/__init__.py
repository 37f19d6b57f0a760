"""One normaliser and one tokenizer for everybody.

``readable`` turns what listings hold (TeX, HTML, control characters) into Unicode text for people, ``titlekey`` a
title into the key by which two spellings of it are the same, ``words`` a text into the words a query can match.
"""
