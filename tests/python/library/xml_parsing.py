# pyexpat and the packages over it: events, errors, positions, namespaces, entities, pieces of any size.
import xml.dom.minidom
import xml.etree.ElementTree as ElementTree
import xml.parsers.expat as expat
import xml.sax

CASES = [
    ('<a><b x="1" y=\'2&lt;\'>t&amp;&#65;u</b>tail</a>', '<a><b x="1" y="2&lt;">t&amp;Au</b>tail</a>'),
    ("<a", "unclosed token: line 1, column 0"),
    ("<a>", "no element found: line 1, column 3"),
    ("<a></b>", "mismatched tag: line 1, column 5"),
    ("<a>\n\n  <b></c></a>", "mismatched tag: line 3, column 7"),
    ('<a b="1" b="2"/>', "duplicate attribute: line 1, column 9"),
    ("<a>&foo;</a>", "undefined entity: line 1, column 3"),
    ("abc", "syntax error: line 1, column 0"),
    ("<a/>x", "junk after document element: line 1, column 4"),
    ("<a b=1/>", "not well-formed (invalid token): line 1, column 5"),
    ("<a>]]></a>", "not well-formed (invalid token): line 1, column 5"),
    ("<p:a/>", "unbound prefix: line 1, column 0"),
    ("<a>&#0;</a>", "reference to invalid character number: line 1, column 3"),
    ('<a xmlns="u"><b/></a>', '<ns0:a xmlns:ns0="u"><ns0:b /></ns0:a>'),
    ("<a><![CDATA[x<y]]></a>", "<a>x&lt;y</a>"),
    ('<!DOCTYPE a [<!ENTITY e "<b>1</b>">]><a>&e;</a>', "<a><b>1</b></a>"),
    ('<a b="x\ny\tz"/>', '<a b="x y z" />'),
    (b'<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>', "<a>&#233;</a>"),
    ("<a>\u00e9</a>".encode("utf-16"), "<a>&#233;</a>"),
    (b"<a>\xff</a>", "not well-formed (invalid token): line 1, column 3"),
]
for source, expected in CASES:
    try:
        told = ElementTree.tostring(ElementTree.fromstring(source)).decode()
    except ElementTree.ParseError as error:
        told = str(error)
    assert told == expected, (source, told)

# Entities may not make a document immensely larger.
try:
    ElementTree.fromstring(f'<!DOCTYPE a [<!ENTITY e "{"x" * 100_000}">]><a>{"&e;" * 200}</a>')
except ElementTree.ParseError as error:
    assert "amplification" in str(error)
else:
    raise AssertionError

TEXT = '<?xml version="1.0"?>\n<a>\n <b k="v">text</b>&amp;<?t d?><!--c--></a>\n'


def events(size):
    parser = expat.ParserCreate()
    parser.buffer_text = True
    found = []
    for name in ("StartElement", "EndElement", "CharacterData", "ProcessingInstruction", "Comment", "XmlDecl", "Default"):

        def handler(*arguments, name=name):
            found.append((name, *arguments, parser.CurrentLineNumber))

        setattr(parser, name + "Handler", handler)
    for at in range(0, len(TEXT), size):
        parser.Parse(TEXT[at : at + size])
    parser.Parse(b"", True)
    # How text is cut into pieces depends on how it comes.
    text = "".join(event[1] for event in found if event[0] in ("CharacterData", "Default"))
    return [event for event in found if event[0] not in ("CharacterData", "Default")] + [text]


whole = events(len(TEXT))
assert [event[0] for event in whole].count("StartElement") == 2 and ("Comment", "c", 3) in whole, whole
assert all(events(size) == whole for size in (1, 2, 3, 7, 20))

document = xml.dom.minidom.parseString("<!DOCTYPE a [<!ELEMENT a (b|c)*>]><a><b>t</b><!--k--><![CDATA[z]]></a>")
assert document.documentElement.toxml() == "<a><b>t</b><!--k--><![CDATA[z]]></a>"


class Handler(xml.sax.ContentHandler):
    def startElement(self, name, attributes):
        seen.append((name, dict(attributes)))

    def characters(self, text):
        seen.append(text)


seen = []
xml.sax.parseString(b'<a x="1">hello\nworld</a>', Handler())
assert seen == [("a", {"x": "1"}), "hello", "\n", "world"], seen
