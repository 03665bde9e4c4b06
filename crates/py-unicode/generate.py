"""Writes the tables below data/ from the Unicode Character Database, as a CPython 3.14 (Unicode 16.0) shows it.

    python3.14 crates/py-unicode/generate.py

Every file is one array of little-endian numbers; src/table.rs reads them. What the numbers mean stands there, too.
"""

import ctypes
import pathlib
import struct
import unicodedata

import _sre

assert unicodedata.unidata_version == "16.0.0"
DATA = pathlib.Path(__file__).parent / "data"
CODES = range(0x110000)
BLOCK = 128
CATEGORIES = "Cn Lu Ll Lt Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Lm Lo Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So".split()
BIDIRECTIONAL = " L LRE LRO R AL RLE RLO PDF EN ES ET AN CS NSM BN B S WS ON LRI RLI FSI PDI".split(" ")
WIDTHS = "F H W Na A N".split()
HANGUL = range(0xAC00, 0xAC00 + 11172)


def write(folder, name, form, values):
    (DATA / folder).mkdir(parents=True, exist_ok=True)
    (DATA / folder / f"{name}.bin").write_bytes(struct.pack(f"<{len(values)}{form}", *values))


def write_trie(folder, name, records, per_record):
    """Two stages of 16-bit numbers and the distinct records, each packed as `per_record` says."""
    numbers, distinct, index, blocks, known = {}, [], [], [], {}
    for start in range(0, len(records), BLOCK):
        block = []
        for record in records[start : start + BLOCK]:
            if record not in numbers:
                numbers[record] = len(distinct)
                distinct.append(record)
            block.append(numbers[record])
        block = tuple(block)
        if block not in known:
            known[block] = len(blocks) // BLOCK
            blocks.extend(block)
        index.append(known[block])
    write(folder, f"{name}-index", "H", index)
    write(folder, f"{name}-blocks", "H", blocks)
    packed = b"".join(struct.pack("<" + per_record, *record) for record in distinct)
    (DATA / folder / f"{name}-records.bin").write_bytes(packed)


def properties(folder, database, of_str):
    records, numeric = [], []
    for code in CODES:
        one = chr(code)
        decimal, digit = database.decimal(one, 255), database.digit(one, 255)
        number = database.numeric(one, None)
        if number is not None:
            numeric.append((code, number))
        flags = [
            database.mirrored(one),
            of_str and one.islower(),
            of_str and one.isupper(),
            of_str and database.category(one) == "Lt",
            of_str and (one + "a").title()[-1] == "a",
            of_str and (one + "\u03a3").lower()[-1] == "\u03c3" and ("A" + one + "\u03a3").lower()[-1] == "\u03c2",
            of_str and one.isidentifier(),
            of_str and ("a" + one).isidentifier(),
            decimal != 255,
            digit != 255,
            number is not None,
            of_str and one.isalpha(),
            of_str and one.isprintable(),
            of_str and one.isspace(),
            code not in HANGUL and database.decomposition(one) != "",
        ]
        records.append(
            (
                CATEGORIES.index(database.category(one)),
                BIDIRECTIONAL.index(database.bidirectional(one)),
                database.combining(one),
                WIDTHS.index(database.east_asian_width(one)),
                sum(1 << bit for bit, flag in enumerate(flags) if flag),
                digit,
                0,
            )
        )
    write_trie(folder, "properties", records, "BBBBHBB")
    write(folder, "numeric-codes", "I", [code for code, _ in numeric])
    write(folder, "numeric-values", "d", [number for _, number in numeric])


def decompositions(folder, database):
    tags, codes, starts, parts, pairs = [""], [], [], [], []
    for code in CODES:
        text = database.decomposition(chr(code))
        if code in HANGUL or not text:
            continue
        words = text.split()
        tag = words.pop(0) if words[0].startswith("<") else ""
        if tag not in tags:
            tags.append(tag)
        sequence = [int(word, 16) for word in words]
        codes.append(code)
        starts.append(tags.index(tag) << 24 | len(parts))
        parts.extend(sequence)
        if not tag and len(sequence) == 2:
            both = chr(sequence[0]) + chr(sequence[1])
            if database.normalize("NFC", both) == chr(code):
                pairs.append((*sequence, code))
    write(folder, "decomposition-codes", "I", codes)
    write(folder, "decomposition-starts", "I", starts + [len(parts)])
    write(folder, "decomposition-parts", "I", parts)
    (DATA / folder / "decomposition-tags.txt").write_text("\n".join(tags) + "\n")
    pairs.sort()
    write(folder, "compositions", "I", [number for pair in pairs for number in pair])


def cases():
    sequences, known, records = [], {}, []

    def mapping(code, text):
        if len(text) == 1:
            return ord(text) - code
        if text not in known:
            known[text] = len(sequences)
            sequences.extend(map(ord, text))
        return 1 << 30 | len(text) << 24 | known[text]

    for code in CODES:
        one = chr(code)
        assert _sre.unicode_tolower(code) == ord(one.lower()[0])
        assert _sre.unicode_iscased(code) == (ord(one.lower()[0]) != code or ord(one.upper()[0]) != code)
        records.append(tuple(mapping(code, text) for text in (one.lower(), one.upper(), one.title(), one.casefold())))
    write_trie("16", "case", records, "iiii")
    write("16", "case-sequences", "I", sequences)


def names():
    plain, ranges = [], []
    for code in CODES:
        name = unicodedata.name(chr(code), None)
        if name is None or code in HANGUL:
            continue
        ending = f"-{code:X}"
        if name.endswith(ending):
            prefix = name[: -len(ending) + 1]
            if ranges and ranges[-1][0] == prefix and ranges[-1][2] == code - 1:
                ranges[-1][2] = code
            else:
                ranges.append([prefix, code, code])
        else:
            plain.append((code, name))
    counts = {}
    for _, name in plain:
        for word in name.split(" "):
            counts[word] = counts.get(word, 0) + 1
    words = sorted(counts, key=lambda word: (-counts[word], word))
    number = {word: at for at, word in enumerate(words)}
    assert len(words) < 192 + 64 * 256
    data, starts = bytearray(), []
    for _, name in plain:
        starts.append(len(data))
        for word in name.split(" "):
            at = number[word]
            data += bytes([at]) if at < 192 else bytes([192 + (at - 192 >> 8), at - 192 & 255])
    starts.append(len(data))
    write("names", "codes", "I", [code for code, _ in plain])
    write("names", "starts", "I", starts)
    (DATA / "names" / "words.bin").write_bytes(bytes(data))
    order = sorted(range(len(plain)), key=lambda at: plain[at][1].encode())
    write("names", "order", "H", order)
    word_starts, text = [0], ""
    for word in words:
        text += word
        word_starts.append(len(text))
    write("names", "lexicon-starts", "I", word_starts)
    (DATA / "names" / "lexicon.txt").write_text(text)
    lines = [f"{prefix};{first:X};{last:X}" for prefix, first, last in ranges]
    (DATA / "names" / "ranges.txt").write_text("\n".join(lines) + "\n")


def aliases():
    """Aliases and named sequences, which have numbers of the private use area in CPython's C interface."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = ctypes.cast(
        pointer(unicodedata._ucnhash_CAPI, b"unicodedata._ucnhash_CAPI"), ctypes.POINTER(ctypes.c_void_p)
    )
    get_name = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_int, ctypes.c_int)(table[0])
    buffer, lines = ctypes.create_string_buffer(300), []
    for code in range(0xF0000, 0xF1000):
        if get_name(code, buffer, 300, 1):
            name = buffer.value.decode()
            lines.append(name + ";" + " ".join(f"{ord(one):X}" for one in unicodedata.lookup(name)))
    (DATA / "names" / "aliases.txt").write_text("\n".join(sorted(lines)) + "\n")


properties("16", unicodedata, True)
properties("3.2", unicodedata.ucd_3_2_0, False)
decompositions("16", unicodedata)
decompositions("3.2", unicodedata.ucd_3_2_0)
cases()
names()
aliases()
