"""Positions in long text that is not ASCII: as everywhere, and fast."""
import re

pieces = ["abc", "ü", "漢字", "😀", "\ud800", "x" * 50]
text = "".join(pieces[number % 6] + str(number) for number in range(4000))
codes = list(text)
assert len(codes) == len(text) and "".join(codes) == text
for position in range(0, len(text), 97):
    assert text[position] == codes[position]
    assert text[position : position + 5] == "".join(codes[position : position + 5])
    assert text[-position - 1] == codes[-position - 1]
    assert text.find(text[position : position + 30], position) == position
    assert text.startswith(codes[position], position)
for match in re.finditer("漢字[0-9]+", text):
    start, end = match.span()
    assert text[start:end] == match.group()
pattern, position = re.compile("[^0-9]*[0-9]+", re.S), 0
while position < len(text):
    match = pattern.match(text, position)
    assert match.start() == position
    position = match.end()
assert text.rfind("ü") == len(text) - 1 - codes[::-1].index("ü")

# Each position asked for alone: this took time in the square of the length.
long = "ü" + "abcdefgh" * 50000
count = 0
for position in range(0, len(long)):
    if long[position] == "h":
        count += 1
assert count == 50000

# Texts come and go, their indexes with them.
for turn in range(200):
    fresh = "ü" + "ab" * (2000 + turn)
    assert fresh[3000] == "b" and fresh[3001:3003] == "ab"
