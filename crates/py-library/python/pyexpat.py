"""A push parser for XML 1.0 with the interface, events, errors and positions of Expat.

What arrives is decoded and kept until a token of it is complete. There are no external parameter entities.
"""

import codecs
import re
import types

EXPAT_VERSION = "expat_2.7.3"
version_info = (2, 7, 3)
native_encoding = "UTF-8"
features = [("sizeof(XML_Char)", 1), ("sizeof(XML_LChar)", 1), ("XML_DTD", 0), ("XML_NS", 0)]

XML_PARAM_ENTITY_PARSING_NEVER = 0
XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE = 1
XML_PARAM_ENTITY_PARSING_ALWAYS = 2

_MESSAGES = [
    ("XML_ERROR_NO_MEMORY", "out of memory"),
    ("XML_ERROR_SYNTAX", "syntax error"),
    ("XML_ERROR_NO_ELEMENTS", "no element found"),
    ("XML_ERROR_INVALID_TOKEN", "not well-formed (invalid token)"),
    ("XML_ERROR_UNCLOSED_TOKEN", "unclosed token"),
    ("XML_ERROR_PARTIAL_CHAR", "partial character"),
    ("XML_ERROR_TAG_MISMATCH", "mismatched tag"),
    ("XML_ERROR_DUPLICATE_ATTRIBUTE", "duplicate attribute"),
    ("XML_ERROR_JUNK_AFTER_DOC_ELEMENT", "junk after document element"),
    ("XML_ERROR_PARAM_ENTITY_REF", "illegal parameter entity reference"),
    ("XML_ERROR_UNDEFINED_ENTITY", "undefined entity"),
    ("XML_ERROR_RECURSIVE_ENTITY_REF", "recursive entity reference"),
    ("XML_ERROR_ASYNC_ENTITY", "asynchronous entity"),
    ("XML_ERROR_BAD_CHAR_REF", "reference to invalid character number"),
    ("XML_ERROR_BINARY_ENTITY_REF", "reference to binary entity"),
    ("XML_ERROR_ATTRIBUTE_EXTERNAL_ENTITY_REF", "reference to external entity in attribute"),
    ("XML_ERROR_MISPLACED_XML_PI", "XML or text declaration not at start of entity"),
    ("XML_ERROR_UNKNOWN_ENCODING", "unknown encoding"),
    ("XML_ERROR_INCORRECT_ENCODING", "encoding specified in XML declaration is incorrect"),
    ("XML_ERROR_UNCLOSED_CDATA_SECTION", "unclosed CDATA section"),
    ("XML_ERROR_EXTERNAL_ENTITY_HANDLING", "error in processing external entity reference"),
    ("XML_ERROR_NOT_STANDALONE", "document is not standalone"),
    ("XML_ERROR_UNEXPECTED_STATE", "unexpected parser state - please send a bug report"),
    ("XML_ERROR_ENTITY_DECLARED_IN_PE", "entity declared in parameter entity"),
    ("XML_ERROR_FEATURE_REQUIRES_XML_DTD", "requested feature requires XML_DTD support in Expat"),
    ("XML_ERROR_CANT_CHANGE_FEATURE_ONCE_PARSING", "cannot change setting once parsing has begun"),
    ("XML_ERROR_UNBOUND_PREFIX", "unbound prefix"),
    ("XML_ERROR_UNDECLARING_PREFIX", "must not undeclare prefix"),
    ("XML_ERROR_INCOMPLETE_PE", "incomplete markup in parameter entity"),
    ("XML_ERROR_XML_DECL", "XML declaration not well-formed"),
    ("XML_ERROR_TEXT_DECL", "text declaration not well-formed"),
    ("XML_ERROR_PUBLICID", "illegal character(s) in public id"),
    ("XML_ERROR_SUSPENDED", "parser suspended"),
    ("XML_ERROR_NOT_SUSPENDED", "parser not suspended"),
    ("XML_ERROR_ABORTED", "parsing aborted"),
    ("XML_ERROR_FINISHED", "parsing finished"),
    ("XML_ERROR_SUSPEND_PE", "cannot suspend in external parameter entity"),
    ("XML_ERROR_RESERVED_PREFIX_XML", "reserved prefix (xml) must not be undeclared or bound to another namespace name"),
    ("XML_ERROR_RESERVED_PREFIX_XMLNS", "reserved prefix (xmlns) must not be declared or undeclared"),
    ("XML_ERROR_RESERVED_NAMESPACE_URI", "prefix must not be bound to one of the reserved namespace names"),
    ("XML_ERROR_INVALID_ARGUMENT", "invalid argument"),
    ("XML_ERROR_NO_BUFFER", "a successful prior call to function XML_GetBuffer was required"),
    (
        "XML_ERROR_AMPLIFICATION_LIMIT_BREACH",
        "limit on input amplification factor (from DTD and entities) breached",
    ),
    ("XML_ERROR_NOT_STARTED", "parser not started"),
]
_CODES = {name.removeprefix("XML_ERROR_"): code for code, (name, _) in enumerate(_MESSAGES, 1)}

errors = types.ModuleType("pyexpat.errors", "Constants used to describe error conditions.")
errors.codes = {}
errors.messages = {}
for _code, (_name, _text) in enumerate(_MESSAGES, 1):
    setattr(errors, _name, _text)
    errors.codes[_text] = _code
    errors.messages[_code] = _text

model = types.ModuleType("pyexpat.model", "Constants used to interpret content model information.")
for _code, _name in enumerate(["EMPTY", "ANY", "MIXED", "NAME", "CHOICE", "SEQ"], 1):
    setattr(model, "XML_CTYPE_" + _name, _code)
for _code, _name in enumerate(["NONE", "OPT", "REP", "PLUS"]):
    setattr(model, "XML_CQUANT_" + _name, _code)
_QUANTIFIERS = {"": 0, "?": 1, "*": 2, "+": 3}


class ExpatError(Exception):
    """What is wrong with a document, with code, lineno and offset."""

    __module__ = "xml.parsers.expat"


error = ExpatError


def ErrorString(code, /):
    """Returns string error for given number."""
    return errors.messages.get(code)


_START = ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
_NAME = f"[{_START}][{_START}\\-.0-9\xb7\u0300-\u036f\u203f-\u2040]*"
_QUOTED = "(?:\"[^<\"]*\"|'[^<']*')"
_ATTRIBUTE = f"[ \\t\\n]+({_NAME})[ \\t\\n]*=[ \\t\\n]*({_QUOTED})"
_match_name = re.compile(_NAME).match
_match_start = re.compile(f"<({_NAME})((?:{_ATTRIBUTE.replace('(' + _NAME, '(?:' + _NAME).replace('(' + _QUOTED, '(?:' + _QUOTED)})*)[ \\t\\n]*(/?)>").match
_find_attributes = re.compile(_ATTRIBUTE).findall
_match_end = re.compile(f"</({_NAME})[ \\t\\n]*>").match
_match_reference = re.compile(f"&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|({_NAME}));").match
_search_markup = re.compile("[<&]").search
_search_invalid = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]").search
# How far the beginning of a start tag is well-formed, and whether it may go on.
_match_partial_start = re.compile(
    f"<(?:{_NAME}(?:[ \\t\\n]+{_NAME}[ \\t\\n]*=[ \\t\\n]*{_QUOTED})*"
    f"(?:[ \\t\\n]+(?:{_NAME}(?:[ \\t\\n]*(?:=(?:[ \\t\\n]*(?:\"[^<\"]*|'[^<']*)?)?)?)?)?)?/?)?"
).match
_match_declaration = re.compile(
    "<\\?xml[ \\t\\n]+version[ \\t\\n]*=[ \\t\\n]*(?:\"([^\"]*)\"|'([^']*)')"
    "(?:[ \\t\\n]+encoding[ \\t\\n]*=[ \\t\\n]*(?:\"([A-Za-z][A-Za-z0-9._\\-]*)\"|'([A-Za-z][A-Za-z0-9._\\-]*)'))?"
    "(?:[ \\t\\n]+standalone[ \\t\\n]*=[ \\t\\n]*[\"'](yes|no)[\"'])?[ \\t\\n]*\\?>"
).match
_match_text_declaration = re.compile(
    "<\\?xml(?:[ \\t\\n]+version[ \\t\\n]*=[ \\t\\n]*[\"'][^\"']*[\"'])?"
    "[ \\t\\n]+encoding[ \\t\\n]*=[ \\t\\n]*[\"']([A-Za-z][A-Za-z0-9._\\-]*)[\"'][ \\t\\n]*\\?>"
).match
_search_encoding = re.compile(b"^<\\?xml[^>]*?encoding\\s*=\\s*[\"']([A-Za-z][A-Za-z0-9._\\-]*)").search
_match_identifier = re.compile(
    "[ \\t\\n]+(?:SYSTEM[ \\t\\n]+(\"[^\"]*\"|'[^']*')|PUBLIC[ \\t\\n]+(\"[^\"]*\"|'[^']*')(?:[ \\t\\n]+(\"[^\"]*\"|'[^']*'))?)"
).match
_match_doctype = re.compile(f"<!DOCTYPE[ \\t\\n]+({_NAME})").match
_find_doctype_tokens = re.compile("<!DOCTYPE|[ \\t\\n]+|\"[^\"]*\"|'[^']*'|\\[|[^ \\t\\n\"'\\[>]+").findall
_search_delimiter = re.compile("<!--|<\\?|[\"'\\[\\]>]").search
_match_entity = re.compile(f"<!ENTITY[ \\t\\n]+(%[ \\t\\n]+)?({_NAME})").match
_match_unparsed = re.compile(f"[ \\t\\n]+NDATA[ \\t\\n]+({_NAME})").match
_match_literal = re.compile("[ \\t\\n]+(\"[^\"]*\"|'[^']*')").match
_match_keyword = re.compile(f"<!([A-Z]+)[ \\t\\n]+({_NAME})").match
_match_attribute_definition = re.compile(
    f"[ \\t\\n]+({_NAME})[ \\t\\n]+([A-Z]+(?:[ \\t\\n]*\\([^)]*\\))?|\\([^)]*\\))[ \\t\\n]+"
    "(#REQUIRED|#IMPLIED|(#FIXED[ \\t\\n]+)?(\"[^\"]*\"|'[^']*'))"
).match
_find_model_tokens = re.compile(f"#PCDATA|{_NAME}|[(),|?*+]").findall
_split_lines = re.compile("(\\n)").split

_PREDEFINED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_XMLNS_NAMESPACE = "http://www.w3.org/2000/xmlns/"
# Entities may make a document that many times as large as what is read of it, above a size that harms nobody.
_LARGEST_FACTOR = 100
_HARMLESS_SIZE = 1 << 20

_HANDLERS = """StartElementHandler EndElementHandler ProcessingInstructionHandler CharacterDataHandler UnparsedEntityDeclHandler
NotationDeclHandler StartNamespaceDeclHandler EndNamespaceDeclHandler CommentHandler StartCdataSectionHandler
EndCdataSectionHandler DefaultHandler DefaultHandlerExpand NotStandaloneHandler ExternalEntityRefHandler
StartDoctypeDeclHandler EndDoctypeDeclHandler EntityDeclHandler XmlDeclHandler ElementDeclHandler AttlistDeclHandler
SkippedEntityHandler""".split()


class _Failure(Exception):
    """A code and a place in the buffer."""


class _Entity:
    __slots__ = ("value", "system", "public", "notation", "is_open")

    def __init__(self, value, system=None, public=None, notation=None):
        self.value, self.system, self.public, self.notation = value, system, public, notation
        self.is_open = False


class xmlparser:
    """XML parser"""

    __module__ = "pyexpat"

    def __init__(self, encoding, separator, interned):
        self._pending = []
        for name in _HANDLERS:
            setattr(self, name, None)
        self.intern = interned
        self._buffer_text = False
        self._buffer_size = 8192
        self.ordered_attributes = self.specified_attributes = self.namespace_prefixes = False
        self.ErrorCode = 0
        self._separator = separator
        self._encoding = encoding
        self._decoder = None
        self._undecoded = b""
        self._state = self._prolog
        self._is_external = False
        self._text = ""
        self._at = 0
        # The place of `_counted` in the buffer.
        self._line, self._column, self._byte, self._counted = 1, 0, 0, 0
        self._elements = []
        self._bound = [{"xml": _XML_NAMESPACE}]
        self._entities = {}
        self._parameter_entities = {}
        self._defaults = {}
        self._has_doctype = self._has_external_subset = False
        self._standalone = -1
        self._parameter_parsing = 0
        self._base = None
        self._finished = False
        self._started = self._parsing = False
        self._deferral = True
        self._read = self._expanded = 0
        self._in_cdata = False
        self._depth = 0

    # What programs call.

    def Parse(self, data, isfinal=False, /):
        """Parse XML data.

        'isfinal' should be true at end of input.
        """
        if self._parsing:
            raise RuntimeError("cannot call Parse() from within a handler")
        if self._finished:
            self._fail(_CODES["FINISHED"])
        self._parsing = True
        try:
            return self._parse(data, isfinal)
        finally:
            self._parsing = False

    def _parse(self, data, isfinal):
        if isinstance(data, str):
            # What it says about its encoding is of no importance.
            self._encoding = "utf-8"
            if self._decoder is None:
                self._decoder = codecs.getincrementaldecoder("utf-8")()
            data = data.encode("utf-8", "surrogatepass")
        else:
            data = bytes(data)
        self._read += len(data)
        self._started = True
        try:
            text = self._decode(data, isfinal)
            # Line ends are normalised as the specification wants it.
            if "\r" in text or self._text.endswith("\r"):
                text = self._text[self._at :] + text
                kept = "\r" if text.endswith("\r") and not isfinal else ""
                text = text[: len(text) - len(kept)].replace("\r\n", "\n").replace("\r", "\n") + kept
                self._drop()
                self._text, self._at, self._counted = text, 0, 0
            elif text:
                self._drop()
                self._text += text
            self._run(isfinal)
        except _Failure as failure:
            code, place = failure.args
            if code != _CODES["UNDEFINED_ENTITY"] or self.buffer_text:
                self._flush()
            self._at = place
            self._finished = True
            self._fail(code)
        self._finished = bool(isfinal)
        return 1

    def ParseFile(self, file, /):
        """Parse XML data from file-like object."""
        if self._parsing:
            raise RuntimeError("cannot call ParseFile() from within a handler")
        while data := file.read(8192):
            self.Parse(data, False)
        return self.Parse(b"", True)

    def SetBase(self, base, /):
        """Set the base URL for the parser."""
        self._base = base

    def GetBase(self):
        """Return base URL string for the parser."""
        return self._base

    def GetInputContext(self):
        """Return the untranslated text of the input that caused the current event."""
        return self._text[self._at :].encode() if self._started and not self._finished else None

    def SetParamEntityParsing(self, flag, /):
        """Controls parsing of parameter entities (including the external DTD subset)."""
        if self._started:
            return 0
        self._parameter_parsing = flag
        return 1

    def UseForeignDTD(self, flag=True, /):
        """Allows the application to provide an artificial external subset if one is not specified as part of the document instance."""
        if self._started:
            raise ExpatError(f"{ErrorString(26)}: line 1, column 0")

    def SetReparseDeferralEnabled(self, enabled, /):
        """Enable/Disable reparse deferral; enabled by default with Expat >=2.6.0."""
        self._deferral = bool(enabled)

    def GetReparseDeferralEnabled(self):
        """Retrieve reparse deferral enabled status; always returns false with Expat <2.6.0."""
        return self._deferral

    def ExternalEntityParserCreate(self, context, encoding=None, /):
        """Create a parser for parsing an external entity based on the information passed to the ExternalEntityRefHandler."""
        other = xmlparser(encoding, self._separator, self.intern)
        for name in _HANDLERS:
            setattr(other, name, getattr(self, name))
        for name in ("buffer_text", "ordered_attributes", "specified_attributes", "namespace_prefixes", "_base", "_defaults"):
            setattr(other, name, getattr(self, name))
        other._entities, other._parameter_entities = self._entities, self._parameter_entities
        other._bound = list(self._bound)
        other._has_doctype, other._has_external_subset = self._has_doctype, self._has_external_subset
        other._standalone = self._standalone
        other._is_external = True
        other._state = other._external_start
        return other

    @property
    def buffer_used(self):
        return sum(map(len, self._pending))

    @property
    def CurrentLineNumber(self):
        return self._place()[0]

    @property
    def CurrentColumnNumber(self):
        return self._place()[1]

    @property
    def CurrentByteIndex(self):
        return self._place()[2] if self._started else -1

    ErrorLineNumber, ErrorColumnNumber, ErrorByteIndex = CurrentLineNumber, CurrentColumnNumber, CurrentByteIndex

    @property
    def buffer_size(self):
        return self._buffer_size

    @buffer_size.setter
    def buffer_size(self, size):
        if not isinstance(size, int):
            raise TypeError("buffer_size must be an integer")
        if size <= 0:
            raise ValueError("buffer_size must be greater than zero")
        self._flush()
        self._buffer_size = size

    @property
    def buffer_text(self):
        return self._buffer_text

    @buffer_text.setter
    def buffer_text(self, flag):
        self._flush()
        self._buffer_text = bool(flag)

    @property
    def CharacterDataHandler(self):
        return self._character_handler

    @CharacterDataHandler.setter
    def CharacterDataHandler(self, handler):
        self._flush()
        self._character_handler = handler

    # Places and errors.

    def _place(self):
        passed = self._text[self._counted : self._at]
        if passed:
            lines = passed.count("\n")
            if lines:
                self._line += lines
                self._column = len(passed) - passed.rfind("\n") - 1
            else:
                self._column += len(passed)
            self._byte += len(passed) if passed.isascii() else len(passed.encode("utf-8", "surrogatepass"))
            self._counted = self._at
        return self._line, self._column, self._byte

    def _drop(self):
        """Forgets what has been parsed."""
        self._place()
        self._text = self._text[self._at :]
        self._at = self._counted = 0

    def _fail(self, code):
        line, column, _ = self._place()
        self.ErrorCode = code
        error = ExpatError(f"{ErrorString(code)}: line {line}, column {column}")
        error.code, error.lineno, error.offset = code, line, column
        raise error

    # Decoding.

    def _decode(self, data, isfinal):
        if self._decoder is None:
            data = self._undecoded + data
            self._undecoded = b""
            name = self._encoding
            if name is None:
                if len(data) < 4 and not isfinal:
                    self._undecoded = data
                    return ""
                if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    name = "utf-16"
                elif data.startswith(b"<\0"):
                    name = "utf-16-le"
                elif data.startswith(b"\0<"):
                    name = "utf-16-be"
                elif data.startswith(b"<?xml"):
                    if b">" not in data and not isfinal:
                        self._undecoded = data
                        return ""
                    found = _search_encoding(data)
                    name = found[1].decode() if found else "utf-8"
                else:
                    name = "utf-8"
            if name.lower().replace("_", "-") in ("utf-16", "utf-8") and data.startswith(codecs.BOM_UTF8):
                name = "utf-8"
            if name.lower() == "utf-8" and data.startswith(codecs.BOM_UTF8):
                data = data[3:]
                self._byte += 3
            try:
                self._decoder = codecs.getincrementaldecoder(name)()
            except LookupError:
                raise LookupError(f"unknown encoding: {name}") from None
        try:
            return self._decoder.decode(data, isfinal)
        except UnicodeDecodeError as error:
            # What comes before is parsed first; the bad byte is an invalid token.
            text = error.object[: error.start].decode(error.encoding, "ignore")
            self._text += text
            self._run(False)
            code = "PARTIAL_CHAR" if isfinal and error.end == len(error.object) else "INVALID_TOKEN"
            raise _Failure(_CODES[code], len(self._text)) from None

    # Reports.

    def _flush(self):
        if self._pending:
            text = "".join(self._pending)
            self._pending.clear()
            handler = self._character_handler
            if handler is not None:
                handler(text)

    def _characters(self, text, raw=None):
        if not text.isprintable() and (found := _search_invalid(text)):
            raise _Failure(_CODES["INVALID_TOKEN"], self._at + found.start())
        handler = self._character_handler
        if handler is None:
            self._default(text if raw is None else raw)
        elif self._buffer_text:
            if self._pending and self.buffer_used + len(text) > self._buffer_size:
                self._flush()
            self._pending.append(text)
            if len(text) >= self._buffer_size:
                self._flush()
        elif "\n" in text and len(text) > 1:
            for part in _split_lines(text):
                if part:
                    handler(part)
        else:
            handler(text)

    def _default(self, text):
        handler = self.DefaultHandlerExpand or self.DefaultHandler
        if handler is not None:
            self._flush()
            handler(text)

    def _tell(self, handler, raw, *arguments):
        if handler is None:
            self._default(raw)
        else:
            self._flush()
            handler(*arguments)

    # The states: each reads a token at `_at`, and returns False where it needs more.

    def _run(self, isfinal):
        while self._state(isfinal):
            pass
        if not isfinal:
            return
        if self._at < len(self._text):
            code = "UNCLOSED_CDATA_SECTION" if self._in_cdata else "UNCLOSED_TOKEN"
            raise _Failure(_CODES[code], self._at)
        if self._in_cdata:
            raise _Failure(_CODES["UNCLOSED_CDATA_SECTION"], self._at)
        if self._elements and self._is_external:
            raise _Failure(_CODES["ASYNC_ENTITY"], self._at)
        if self._state not in (self._epilog, self._external) and not (
            self._is_external and self._state == self._external_start
        ):
            raise _Failure(_CODES["NO_ELEMENTS"], self._at)
        self._flush()

    def _external_start(self, isfinal):
        text = self._text
        if not isfinal and len(text) < 6 and "<?xml ".startswith(text[:6]):
            return False
        if re.match("<\\?xml[ \\t\\n]", text):
            found = _match_text_declaration(text)
            if not found:
                if "?>" not in text:
                    return False
                raise _Failure(_CODES["TEXT_DECL"], 0)
            self._at = found.end()
        self._state = self._external
        return True

    def _external(self, isfinal):
        return self._content(isfinal)

    def _prolog(self, isfinal):
        text, at = self._text, self._at
        if at == 0 and self._line == 1 and self._column == 0 and not self._has_doctype:
            if not isfinal and len(text) < 6 and "<?xml ".startswith(text[:6]):
                return False
            if re.match("<\\?xml[ \\t\\n]", text):
                return self._declaration()
        return self._outside(isfinal)

    def _declaration(self):
        found = _match_declaration(self._text)
        if not found:
            if "?>" not in self._text:
                return False
            raise _Failure(_CODES["XML_DECL"], self._text.find("?>"))
        version, other, encoding, quoted, standalone = found.groups()
        encoding = encoding or quoted
        if encoding and self._encoding is None and encoding.lower().startswith("utf-16"):
            if isinstance(self._decoder, codecs.getincrementaldecoder("utf-8")):
                raise _Failure(_CODES["INCORRECT_ENCODING"], self._text.find(encoding))
        self._standalone = {"yes": 1, "no": 0, None: -1}[standalone]
        self._tell(self.XmlDeclHandler, found[0], version or other, encoding, self._standalone)
        self._at = found.end()
        self._state = self._misc
        return True

    def _misc(self, isfinal):
        return self._outside(isfinal)

    def _epilog(self, isfinal):
        return self._outside(isfinal)

    def _outside(self, isfinal):
        """Before and after the root element."""
        text, at = self._text, self._at
        if at >= len(text):
            return False
        blanks = at
        while blanks < len(text) and text[blanks] in " \t\n":
            blanks += 1
        if blanks > at:
            self._default(text[at:blanks])
            self._at = blanks
            if self._state == self._prolog:
                self._state = self._misc
            return True
        after = self._state == self._epilog
        if text[at] != "<":
            if _search_invalid(text[at]):
                raise _Failure(_CODES["INVALID_TOKEN"], at)
            name = _match_name(text, at)
            if name and name.end() < len(text) and text[name.end()] not in " \t\n>[%|?*+,()":
                raise _Failure(_CODES["INVALID_TOKEN"], name.end())
            raise _Failure(_CODES["JUNK_AFTER_DOC_ELEMENT" if after else "SYNTAX"], at)
        if text.startswith("<?", at) or text.startswith("<!--", at):
            moved = self._instruction() if text[at + 1] == "?" else self._comment()
            if moved and self._state == self._prolog:
                self._state = self._misc
            return moved
        if text.startswith("<!DOCTYPE", at) and not after:
            return self._doctype()
        if not isfinal and "<!DOCTYPE".startswith(text[at:]) or "<!--".startswith(text[at:]):
            return False
        if text.startswith("<!", at) or text.startswith("</", at):
            raise _Failure(_CODES["INVALID_TOKEN"], at + 2 if text[at + 1] == "!" else at + 1)
        if after:
            raise _Failure(_CODES["JUNK_AFTER_DOC_ELEMENT"], at)
        return self._start(isfinal)

    def _content(self, isfinal):
        text, at = self._text, self._at
        if self._in_cdata:
            return self._cdata()
        if at >= len(text):
            return False
        character = text[at]
        if character == "<":
            following = text[at + 1 : at + 2]
            if following == "/":
                return self._end()
            if following == "?":
                return self._instruction()
            if following == "!":
                if text.startswith("<!--", at):
                    return self._comment()
                if text.startswith("<![CDATA[", at):
                    self._tell(self.StartCdataSectionHandler, "<![CDATA[")
                    self._at = at + 9
                    self._in_cdata = True
                    return True
                if "<!--".startswith(text[at:]) or "<![CDATA[".startswith(text[at:]):
                    return False
                raise _Failure(_CODES["INVALID_TOKEN"], at + 2)
            return self._start(isfinal)
        if character == "&":
            return self._reference()
        found = _search_markup(text, at)
        stop = found.start() if found else len(text)
        if not found and not isfinal:
            # The beginning of "]]>", or a carriage return that a line feed may follow.
            while stop > at and text[stop - 1] in "]\r" and len(text) - stop < 2:
                stop -= 1
            if stop == at:
                return False
        wrong = text.find("]]>", at, stop)
        if wrong >= 0:
            raise _Failure(_CODES["INVALID_TOKEN"], wrong + 2)
        if not self._elements and not self._is_external and not self._depth:
            raise _Failure(_CODES["JUNK_AFTER_DOC_ELEMENT"], at)
        self._characters(text[at:stop])
        self._at = stop
        return True

    def _cdata(self):
        text, at = self._text, self._at
        stop = text.find("]]>", at)
        if stop < 0:
            part = text[at:].rstrip("]\r")
            if part:
                self._characters(part)
                self._at = at + len(part)
            return False
        if stop > at:
            self._characters(text[at:stop])
        self._at = stop
        self._tell(self.EndCdataSectionHandler, "]]>")
        self._at = stop + 3
        self._in_cdata = False
        return True

    def _comment(self):
        text, at = self._text, self._at
        stop = text.find("--", at + 4)
        if stop < 0 or stop + 2 >= len(text):
            return False
        if text[stop + 2] != ">":
            raise _Failure(_CODES["INVALID_TOKEN"], stop + 2)
        self._check(at, stop)
        self._tell(self.CommentHandler, text[at : stop + 3], text[at + 4 : stop])
        self._at = stop + 3
        return True

    def _instruction(self):
        text, at = self._text, self._at
        stop = text.find("?>", at + 2)
        if stop < 0:
            return False
        name = _match_name(text, at + 2)
        if not name:
            raise _Failure(_CODES["INVALID_TOKEN"], at + 2)
        target = name[0]
        if target.lower() == "xml":
            raise _Failure(_CODES["MISPLACED_XML_PI" if target == "xml" else "INVALID_TOKEN"], at if target == "xml" else at + 2)
        data = text[name.end() : stop]
        if data and data[0] not in " \t\n":
            raise _Failure(_CODES["INVALID_TOKEN"], name.end())
        self._check(at, stop)
        self._tell(self.ProcessingInstructionHandler, text[at : stop + 2], target, data.lstrip(" \t\n"))
        self._at = stop + 2
        return True

    def _check(self, start, stop):
        found = _search_invalid(self._text, start, stop)
        if found:
            raise _Failure(_CODES["INVALID_TOKEN"], found.start())

    # Elements.

    def _start(self, isfinal):
        text, at = self._text, self._at
        found = _match_start(text, at)
        if not found:
            end = _match_partial_start(text, at).end()
            if end < len(text):
                raise _Failure(_CODES["INVALID_TOKEN"], end)
            return False
        name, written, empty = found.groups()
        if self._separator is None:
            name = self.intern.setdefault(name, name)
        stop = found.end()
        attributes = []
        specified = 0
        if written:
            if _search_invalid(written):
                self._check(at, stop)
            seen = set()
            for key, value in _find_attributes(written):
                if key in seen:
                    raise _Failure(_CODES["DUPLICATE_ATTRIBUTE"], at + text[at:stop].rfind(key))
                seen.add(key)
                value = value[1:-1]
                if "&" in value:
                    value = self._attribute_value(value, at)
                if "\n" in value or "\t" in value:
                    value = value.replace("\n", " ").replace("\t", " ").replace("\0n", "\n").replace("\0t", "\t")
                elif "\0" in value:
                    value = value.replace("\0n", "\n").replace("\0t", "\t")
                attributes.append((key, value))
            specified = len(attributes)
        if self._defaults and name in self._defaults:
            self._complete(name, attributes)
        declared = ()
        if self._separator is not None:
            name, attributes, declared = self._resolve(name, attributes)
        raw = text[at:stop]
        handler = self.StartElementHandler
        if handler is None:
            self._default(raw)
        else:
            self._flush()
            if self.specified_attributes:
                attributes = attributes[:specified]
            if self.ordered_attributes:
                handler(name, [part for pair in attributes for part in pair])
            else:
                handler(name, dict(attributes))
        if empty:
            if self._elements or self._is_external or self._depth:
                self._at = stop
            else:
                self._at = stop
                self._state = self._epilog
            self._tell(self.EndElementHandler, "" if handler is None else raw, name)
            self._undeclare(declared)
        else:
            self._elements.append((found[1], name, declared))
            self._at = stop
            if not self._is_external and not self._depth:
                self._state = self._content
        return True

    def _complete(self, name, attributes):
        """Adds the attributes that a declaration has defaults for, and normalises those that are not plain text."""
        given = {key: index for index, (key, _) in enumerate(attributes)}
        for key, kind, default in self._defaults[name]:
            if key in given:
                if kind != "CDATA":
                    index = given[key]
                    attributes[index] = (key, " ".join(attributes[index][1].split(" ")).strip(" "))
                    attributes[index] = (key, re.sub(" +", " ", attributes[index][1]))
            elif default is not None:
                attributes.append((key, default))

    def _resolve(self, name, attributes):
        """Names in their namespaces."""
        declared = []
        bound = self._bound[-1]
        plain = []
        for key, value in attributes:
            if key == "xmlns":
                prefix = None
            elif key.startswith("xmlns:"):
                prefix = key[6:]
                if prefix == "xmlns":
                    raise _Failure(_CODES["RESERVED_PREFIX_XMLNS"], self._at)
                if (prefix == "xml") != (value == _XML_NAMESPACE):
                    code = "RESERVED_PREFIX_XML" if prefix == "xml" else "RESERVED_NAMESPACE_URI"
                    raise _Failure(_CODES[code], self._at)
                if not value:
                    raise _Failure(_CODES["UNDECLARING_PREFIX"], self._at)
            else:
                plain.append((key, value))
                continue
            if value == _XMLNS_NAMESPACE:
                raise _Failure(_CODES["RESERVED_NAMESPACE_URI"], self._at)
            if not declared:
                bound = dict(bound)
            bound[prefix] = value
            declared.append(prefix)
            if self.StartNamespaceDeclHandler is not None:
                self._flush()
                self.StartNamespaceDeclHandler(prefix, value or None)
        self._bound.append(bound)
        resolved = []
        for key, value in plain:
            if ":" in key:
                key = self._qualified(key, bound)
            resolved.append((key, value))
        if len(resolved) > 1 and len({key for key, _ in resolved}) < len(resolved):
            raise _Failure(_CODES["DUPLICATE_ATTRIBUTE"], self._at)
        if ":" in name or bound.get(None):
            name = self._qualified(name, bound)
        return self.intern.setdefault(name, name), resolved, declared

    def _qualified(self, name, bound):
        prefix, colon, local = name.rpartition(":")
        if ":" in prefix or colon and not (prefix and local):
            raise _Failure(_CODES["INVALID_TOKEN"], self._at + 1)
        uri = bound.get(prefix or None)
        if uri is None:
            raise _Failure(_CODES["UNBOUND_PREFIX"], self._at)
        name = uri + self._separator + local
        return name + self._separator + prefix if self.namespace_prefixes and prefix else name

    def _undeclare(self, declared):
        if self._separator is not None:
            self._bound.pop()
            if self.EndNamespaceDeclHandler is not None:
                for prefix in reversed(declared):
                    self._flush()
                    self.EndNamespaceDeclHandler(prefix)

    def _end(self):
        text, at = self._text, self._at
        found = _match_end(text, at)
        if not found:
            name = _match_name(text, at + 2)
            end = name.end() if name else at + 2
            while end < len(text) and text[end] in " \t\n" and name:
                end += 1
            if end < len(text):
                raise _Failure(_CODES["INVALID_TOKEN"], end)
            return False
        if len(self._elements) <= self._depth:
            raise _Failure(_CODES["ASYNC_ENTITY" if self._is_external or self._depth else "TAG_MISMATCH"], at)
        written, name, declared = self._elements[-1]
        if found[1] != written:
            raise _Failure(_CODES["TAG_MISMATCH"], at + 2)
        self._elements.pop()
        self._tell(self.EndElementHandler, found[0], name)
        self._undeclare(declared)
        self._at = found.end()
        if not self._elements and not self._is_external and not self._depth:
            self._state = self._epilog
        return True

    # References.

    def _number(self, decimal, hexadecimal, at):
        number = int(decimal) if decimal else int(hexadecimal, 16)
        if number > 0x10FFFF or _search_invalid(chr(number)):
            raise _Failure(_CODES["BAD_CHAR_REF"], at)
        return chr(number)

    def _expand(self, amount, at):
        self._expanded += amount
        if self._expanded > _HARMLESS_SIZE and self._expanded > _LARGEST_FACTOR * self._read:
            raise _Failure(_CODES["AMPLIFICATION_LIMIT_BREACH"], at)

    def _reference(self):
        text, at = self._text, self._at
        found = _match_reference(text, at)
        if not found:
            partial = re.compile(f"&(?:#(?:x[0-9A-Fa-f]*|[0-9]*)|{_NAME})?").match(text, at)
            if partial.end() < len(text):
                raise _Failure(_CODES["INVALID_TOKEN"], partial.end())
            return False
        decimal, hexadecimal, name = found.groups()
        raw = found[0]
        if name is None:
            self._characters(self._number(decimal, hexadecimal, at), raw)
        elif name in _PREDEFINED:
            self._characters(_PREDEFINED[name], raw)
        else:
            self._general(name, raw, at)
        self._at = found.end()
        return True

    def _general(self, name, raw, at):
        entity = self._entities.get(name)
        if entity is None:
            if not self._has_external_subset or self._standalone == 1:
                raise _Failure(_CODES["UNDEFINED_ENTITY"], at)
            if self.SkippedEntityHandler is not None:
                self._flush()
                self.SkippedEntityHandler(name, False)
            else:
                self._default(raw)
            return
        if entity.notation is not None:
            raise _Failure(_CODES["BINARY_ENTITY_REF"], at)
        if entity.is_open:
            raise _Failure(_CODES["RECURSIVE_ENTITY_REF"], at)
        if entity.value is None:
            handler = self.ExternalEntityRefHandler
            if handler is None:
                self._default(raw)
                return
            self._flush()
            entity.is_open = True
            try:
                if not handler(name, self._base, entity.system, entity.public):
                    raise _Failure(_CODES["EXTERNAL_ENTITY_HANDLING"], at)
            finally:
                entity.is_open = False
            return
        if self.DefaultHandler is not None and self.DefaultHandlerExpand is None:
            # Whoever wants all text as it stands does not want it expanded.
            if self.SkippedEntityHandler is not None:
                self._flush()
                self.SkippedEntityHandler(name, False)
            else:
                self._default(raw)
            return
        self._expand(len(entity.value), at)
        self._inside(entity, at)

    def _inside(self, entity, at):
        """Parses the content that an entity stands for. All of it counts as being at the reference."""
        self._place()
        kept = self._text, self._at, self._counted, self._depth, self._state
        place = self._line, self._column, self._byte
        self._text, self._at, self._counted, self._depth = entity.value, 0, 0, len(self._elements)
        entity.is_open = True
        try:
            while self._content(True):
                pass
            if self._at < len(self._text):
                raise _Failure(_CODES["UNCLOSED_TOKEN"], at)
            if len(self._elements) != self._depth:
                raise _Failure(_CODES["ASYNC_ENTITY"], at)
        except _Failure as failure:
            raise _Failure(failure.args[0], at) from None
        finally:
            entity.is_open = False
            self._text, self._at, self._counted, self._depth, self._state = kept
            self._line, self._column, self._byte = place

    def _attribute_value(self, value, at):
        parts = []
        end = 0
        while (start := value.find("&", end)) >= 0:
            parts.append(value[end:start])
            found = _match_reference(value, start)
            if not found:
                raise _Failure(_CODES["INVALID_TOKEN"], at + self._text[at:].find(value) + start + 1)
            end = found.end()
            decimal, hexadecimal, name = found.groups()
            if name is None:
                character = self._number(decimal, hexadecimal, at)
                # Blanks that are written as references are not normalised.
                parts.append({"\n": "\0n", "\t": "\0t"}.get(character, character))
            elif name in _PREDEFINED:
                parts.append(_PREDEFINED[name])
            else:
                entity = self._entities.get(name)
                if entity is None:
                    if self._has_external_subset and self._standalone != 1:
                        continue
                    raise _Failure(_CODES["UNDEFINED_ENTITY"], at)
                if entity.is_open:
                    raise _Failure(_CODES["RECURSIVE_ENTITY_REF"], at)
                if entity.notation is not None:
                    raise _Failure(_CODES["BINARY_ENTITY_REF"], at)
                if entity.value is None:
                    raise _Failure(_CODES["ATTRIBUTE_EXTERNAL_ENTITY_REF"], at)
                if "<" in entity.value:
                    raise _Failure(_CODES["INVALID_TOKEN"], at)
                self._expand(len(entity.value), at)
                entity.is_open = True
                parts.append(self._attribute_value(entity.value, at))
                entity.is_open = False
        parts.append(value[end:])
        return "".join(parts)

    # Document types.

    def _subset_end(self, at):
        """Where a document type declaration that begins at a place ends; -1 where that has not come yet."""
        text = self._text
        depth = 0
        while found := _search_delimiter(text, at):
            token, at = found[0], found.end()
            if token == "[":
                depth += 1
            elif token == "]":
                depth -= 1
            elif token == ">":
                if depth <= 0:
                    return at
            else:
                at = text.find({"<!--": "-->", "<?": "?>"}.get(token, token), at)
                if at < 0:
                    return -1
                at += len(token) - 1 if token == "<!--" else len(token)
        return -1

    def _doctype(self):
        text, at = self._text, self._at
        if self._has_doctype:
            raise _Failure(_CODES["SYNTAX"], at)
        stop = self._subset_end(at + 9)
        if stop < 0:
            return False
        found = _match_doctype(text, at)
        if not found:
            raise _Failure(_CODES["INVALID_TOKEN"], at + 9)
        end = found.end()
        system = public = None
        if identifier := _match_identifier(text, end):
            system, public = self._identifiers(identifier)
            end = identifier.end()
            if system is None:
                raise _Failure(_CODES["SYNTAX"], end)
        while text[end] in " \t\n":
            end += 1
        has_subset = text[end] == "["
        self._has_doctype = True
        self._has_external_subset = system is not None
        handler = self.StartDoctypeDeclHandler
        if handler is None:
            for token in _find_doctype_tokens(text, at, end + has_subset):
                self._default(token)
        else:
            self._flush()
            handler(found[1], system, public, 1 if has_subset else 0)
        if has_subset:
            end = self._subset(end + 1)
            text = self._text
            if handler is None:
                self._default("]")
            while text[end] in " \t\n":
                end += 1
        if handler is None:
            self._default(">")
        if text[end] != ">":
            raise _Failure(_CODES["SYNTAX" if not has_subset else "INVALID_TOKEN"], end)
        self._at = end
        if system is not None and self._parameter_parsing and not (self._parameter_parsing == 1 and self._standalone == 1):
            external = self.ExternalEntityRefHandler
            if external is not None:
                self._flush()
                if not external(None, self._base, system, public):
                    raise _Failure(_CODES["EXTERNAL_ENTITY_HANDLING"], end)
        if self._has_external_subset and self._standalone != 1 and self.NotStandaloneHandler is not None:
            self._flush()
            if not self.NotStandaloneHandler():
                raise _Failure(_CODES["NOT_STANDALONE"], end)
        if self.EndDoctypeDeclHandler is not None:
            self._flush()
            self.EndDoctypeDeclHandler()
        self._at = end + 1
        self._state = self._misc
        return True

    def _identifiers(self, found):
        system, public, other = found.groups()
        system = system or other
        system = system[1:-1] if system else None
        public = re.sub("[ \\n]+", " ", public[1:-1]).strip(" ") if public else None
        return system, public

    def _subset(self, at):
        """Reads declarations up to the closing bracket; returns the place behind it."""
        text = self._text
        while True:
            character = text[at : at + 1]
            if character in (" ", "\t", "\n"):
                start = at
                while text[at] in " \t\n":
                    at += 1
                self._default(text[start:at])
                continue
            if character == "]":
                return at + 1
            self._at = at
            if text.startswith("<!--", at):
                if not self._comment():
                    raise _Failure(_CODES["INVALID_TOKEN"], at)
                at = self._at
                continue
            if text.startswith("<?", at):
                if not self._instruction():
                    raise _Failure(_CODES["INVALID_TOKEN"], at)
                at = self._at
                continue
            if character == "%":
                found = re.compile(f"%({_NAME});").match(text, at)
                if not found:
                    raise _Failure(_CODES["INVALID_TOKEN"], at + 1)
                at = found.end()
                entity = self._parameter_entities.get(found[1])
                if entity is not None and entity.value is not None:
                    self._expand(len(entity.value), at)
                    text = self._text = text[:at] + " " + entity.value + " " + text[at:]
                else:
                    self._has_external_subset = True
                    if self.SkippedEntityHandler is not None:
                        self._flush()
                        self.SkippedEntityHandler(found[1], True)
                continue
            found = _match_keyword(text, at) if not text.startswith("<!ENTITY", at) else True
            if not found:
                raise _Failure(_CODES["SYNTAX" if character != "<" else "INVALID_TOKEN"], at)
            stop = self._declaration_end(at)
            if found is True:
                self._entity(at, stop)
            elif found[1] == "ATTLIST":
                self._attributes(found[2], found.end(), stop)
            elif found[1] == "ELEMENT":
                self._element(found[2], text[found.end() : stop - 1].strip(" \t\n"), at)
            elif found[1] == "NOTATION":
                identifier = _match_identifier(text, found.end())
                if not identifier:
                    raise _Failure(_CODES["SYNTAX"], found.end())
                system, public = self._identifiers(identifier)
                if self.NotationDeclHandler is not None:
                    self._flush()
                    self.NotationDeclHandler(found[2], self._base, system, public)
            else:
                raise _Failure(_CODES["SYNTAX"], at)
            self._default(text[at:stop])
            at = stop

    def _declaration_end(self, at):
        text = self._text
        while found := re.compile("[\"'>]").search(text, at):
            at = found.end()
            if found[0] == ">":
                return at
            at = text.find(found[0], at) + 1
            if not at:
                break
        raise _Failure(_CODES["INVALID_TOKEN"], self._at)

    def _entity_value(self, value, at):
        """The replacement text of an entity: references to characters are resolved in it."""

        def replacement(found):
            decimal, hexadecimal = found.groups()
            return self._number(decimal, hexadecimal, at)

        return re.sub("&#(?:([0-9]+)|x([0-9A-Fa-f]+));", replacement, value) if "&#" in value else value

    def _entity(self, at, stop):
        text = self._text
        found = _match_entity(text, at)
        if not found:
            raise _Failure(_CODES["INVALID_TOKEN"], at + 8)
        name = found[2]
        table = self._parameter_entities if found[1] else self._entities
        if literal := _match_literal(text, found.end()):
            entity = _Entity(self._entity_value(literal[1][1:-1], at))
        elif identifier := _match_identifier(text, found.end()):
            entity = _Entity(None, *self._identifiers(identifier))
            if notation := _match_unparsed(text, identifier.end()):
                entity.notation = notation[1]
        else:
            raise _Failure(_CODES["SYNTAX"], found.end())
        if name in table or not found[1] and name in _PREDEFINED:
            return
        table[name] = entity
        if entity.notation is not None and self.UnparsedEntityDeclHandler is not None:
            self._flush()
            self.UnparsedEntityDeclHandler(name, self._base, entity.system, entity.public, entity.notation)
        elif self.EntityDeclHandler is not None:
            self._flush()
            is_parameter = 1 if found[1] else 0
            self.EntityDeclHandler(
                name, is_parameter, entity.value, self._base, entity.system, entity.public, entity.notation
            )

    def _attributes(self, element, at, stop):
        text = self._text
        while found := _match_attribute_definition(text, at, stop):
            name, kind, default, fixed, literal = found.groups()
            kind = re.sub("[ \\t\\n]+", "", kind)
            value = None
            if literal:
                value = self._attribute_value(literal[1:-1], at).replace("\n", " ").replace("\t", " ")
                value = value.replace("\0n", "\n").replace("\0t", "\t")
            known = self._defaults.setdefault(element, [])
            if all(other != name for other, _, _ in known):
                known.append((name, kind, value))
            if self.AttlistDeclHandler is not None:
                self._flush()
                required = 1 if default == "#REQUIRED" or fixed else 0
                self.AttlistDeclHandler(element, name, kind, value, required)
            at = found.end()
        if text[at : stop - 1].strip(" \t\n"):
            raise _Failure(_CODES["SYNTAX"], at)

    def _element(self, name, content, at):
        if self.ElementDeclHandler is None:
            return
        if content in ("EMPTY", "ANY"):
            parsed = (model.XML_CTYPE_EMPTY if content == "EMPTY" else model.XML_CTYPE_ANY, 0, None, ())
        else:
            tokens = _find_model_tokens(content)
            if not tokens or tokens.pop(0) != "(":
                raise _Failure(_CODES["SYNTAX"], at)
            tokens.reverse()
            parsed = self._model(tokens, at)
        self._flush()
        self.ElementDeclHandler(name, parsed)

    def _model(self, tokens, at):
        """The rest of a content model whose opening parenthesis has been read."""
        children = []
        kind = model.XML_CTYPE_SEQ
        while tokens:
            token = tokens.pop()
            if token == ")":
                quantifier = tokens.pop() if tokens and tokens[-1] in "?*+" else ""
                return (kind, _QUANTIFIERS[quantifier], None, tuple(children))
            if token == "#PCDATA":
                kind = model.XML_CTYPE_MIXED
            elif token == "|":
                kind = model.XML_CTYPE_CHOICE if kind == model.XML_CTYPE_SEQ else kind
            elif token == "(":
                children.append(self._model(tokens, at))
            elif token != ",":
                quantifier = tokens.pop() if tokens and tokens[-1] in "?*+" else ""
                children.append((model.XML_CTYPE_NAME, _QUANTIFIERS[quantifier], token, ()))
        raise _Failure(_CODES["SYNTAX"], at)


XMLParserType = xmlparser


def ParserCreate(encoding=None, namespace_separator=None, intern=None):
    """Return a new XML parser object."""
    if encoding is not None and not isinstance(encoding, str):
        raise TypeError(f"ParserCreate() argument 'encoding' must be str or None, not {type(encoding).__name__}")
    if namespace_separator is not None:
        if not isinstance(namespace_separator, str):
            kind = type(namespace_separator).__name__
            raise TypeError(f"ParserCreate() argument 'namespace_separator' must be str or None, not {kind}")
        if len(namespace_separator) > 1:
            raise ValueError("namespace_separator must be at most one character, omitted, or None")
    if intern is None:
        intern = {}
    elif not isinstance(intern, dict):
        raise TypeError("intern must be a dictionary")
    return xmlparser(encoding, namespace_separator, intern)


del _code, _name, _text
