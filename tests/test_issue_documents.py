"""An issue as a document for Word and as a PDF, read back with other people's programs."""

import io
import time
import zipfile
from xml.etree import ElementTree

import mammoth
import pypdf
import pytest
from bs4 import BeautifulSoup

from syndication.newsletters.takeaway import paper, word
from syndication.newsletters.takeaway.picks import Length, Pick

from .issue_copies import FIRST, GONE, SECOND, copy, many
from .mail import sample
from .xss.corpus import payloads

# Without the item whose title is in Arabic, for which the PDF has no letters.
IN_ENGLISH = Pick(frozenset({SECOND}))
MAKERS = {"docx": word.make, "pdf": paper.make}


def read_word(made):
    """What another program takes the document for, as HTML."""
    return BeautifulSoup(mammoth.convert_to_html(io.BytesIO(made)).value, "html.parser")


def read_paper(made):
    return pypdf.PdfReader(io.BytesIO(made), strict=True)


def words_of(made):
    """The words of a PDF with single spaces; lines are broken anywhere in it."""
    text = " ".join(page.extract_text() for page in read_paper(made).pages)
    return " ".join(text.split())


def structure(made):
    """The tags of a PDF in the order in which they are read out."""

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                yield from walk(one)
        elif isinstance(node, dict):
            if "/S" in node:
                yield node["/S"]
            if "/K" in node:
                yield from walk(node["/K"])

    root = read_paper(made).trailer["/Root"]
    return list(walk(root["/StructTreeRoot"]["/K"]))


@pytest.mark.parametrize("kind", MAKERS)
def test_a_document_is_the_same_bytes_whenever_it_is_made(kind, time_machine):
    time_machine.move_to("2026-12-04T10:00:00Z")
    first = MAKERS[kind](copy())
    time_machine.move_to("2027-12-24T23:59:00Z")

    assert MAKERS[kind](copy()) == first


def test_the_document_has_headings_lists_and_links():
    read = read_word(word.make(copy()))

    assert [one.text for one in read.find_all("h1")] == [sample.issue()["title"]]
    assert [one.text for one in read.find_all("h2")] == [
        "Short breaks this winter",
        f"{sample.ARABIC} & ((name))",
        "Every block",
    ]
    assert [one.text for one in read.find("ul").find_all("li")] == [
        "Ring the advice line",
        "Say what worries you.",
        "Try what you agreed",
    ]
    links = {one.text: one["href"] for one in read.find_all("a")}
    assert links["Check this text"] == f"https://localoffer.example/receipts/{'5' * 64}"
    assert links["01632 960101"] == "tel:01632960101"
    strong = [one.text for one in read.find_all("strong")]
    assert "Changed on 2 December 2026 before forum review." in strong


@pytest.mark.parametrize("kind", MAKERS)
def test_a_document_says_whose_it_is_and_what_was_left_out(kind):
    made = MAKERS[kind](copy().picking(IN_ENGLISH))
    words = read_word(made).text if kind == "docx" else words_of(made)

    for said in (
        "3 of the 4 items of this newsletter.",
        "As it stood on 3 December 2026.",
        "Agreed by Shropshire Parent and Carer Council and Parents Opening Doors",
        "Open Government Licence v3.0",
        "published by Shropshire Local Offer",
        "What stood here has been changed or taken back",
    ):
        assert said in words
    assert "Taken back since" not in words
    assert sample.ARABIC not in words


def test_the_properties_of_the_document_name_nobody_and_no_moment():
    made = word.make(copy())
    parts = zipfile.ZipFile(io.BytesIO(made))
    assert parts.testzip() is None
    assert {one.date_time for one in parts.infolist()} == {word.EPOCH}
    assert not [one for one in parts.namelist() if "thumbnail" in one or "app" in one]
    for name in parts.namelist():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(parts.read(name))  # noqa: S314 - our own
    core = parts.read("docProps/core.xml").decode()
    assert "<dc:creator>Shropshire Local Offer</dc:creator>" in core
    assert core.count("2026-12-03T09:00:00Z") == 2
    assert "python-docx" not in core
    assert "<dc:language>en-GB</dc:language>" in core
    assert 'w:val="en-US"' not in parts.read("word/styles.xml").decode()


def test_a_screen_reader_finds_its_way_in_the_pdf():
    taken = copy().picking(IN_ENGLISH)
    made = paper.make(taken)
    read = read_paper(made)
    root = read.trailer["/Root"]

    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read.metadata.title == sample.issue()["title"]
    assert read.metadata.author == "Shropshire Local Offer"
    assert b"pdfuaid" in read.xmp_metadata.stream.get_data()
    tags = structure(made)
    assert tags.count("/H1") == 1
    assert tags.count("/H2") == 2
    assert tags.count("/L") == 3
    assert tags.count("/LI") == 9
    links = [run for one in taken.pieces() for run in one.runs if run.href]
    assert tags.count("/Link") == len(links)
    assert tags.count("/P") > 20
    assert tags.index("/H1") < tags.index("/H2")


def test_the_pdf_says_every_word_and_every_address():
    words = words_of(paper.make(copy(title="News").picking(IN_ENGLISH)))
    without_spaces = words.replace(" ", "")

    assert "here is what your forums agreed this week." in words
    assert f"https://localoffer.example/items/{FIRST}" in without_spaces
    assert f"https://localoffer.example/receipts/{'5' * 64}" in without_spaces
    assert GONE not in without_spaces


def test_a_sign_without_a_shape_is_named_in_the_pdf():
    words = words_of(paper.make(copy().picking(IN_ENGLISH)))

    assert "“what’s on” [snowflake]" in words


def test_a_script_without_letters_makes_no_claim_to_be_read_out():
    made = paper.make(copy())

    assert b"pdfuaid" not in made
    assert read_paper(made).trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "Every block" in words_of(made)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("length", list(Length))
def test_long_issues_become_documents_too(kind, length):
    made = MAKERS[kind](many(40).picking(Pick(length=length)))

    words = read_word(made).text if kind == "docx" else words_of(made)
    for number in (0, 39):
        assert f"Item {number} and more" in words


@pytest.mark.parametrize("kind", MAKERS)
def test_hostile_words_are_only_words(kind):
    corpus = " ".join(one.text for one in payloads())
    hostile = copy(title=corpus[:140], introduction=corpus)

    made = MAKERS[kind](hostile)

    if kind == "docx":
        read = read_word(made)
        # Other programs join spaces.
        assert "".join(corpus.split())[:2000] in "".join(read.text.split())
        links = {one["href"].partition(":")[0] for one in read.find_all("a")}
        assert links <= {"https", "http", "mailto", "tel"}
    else:
        root = read_paper(made).trailer["/Root"]
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
        assert b"/JavaScript" not in made
        assert b"/Launch" not in made
        links = {
            one.get_object()["/A"]["/URI"].partition(":")[0]
            for page in read_paper(made).pages
            for one in page.get("/Annots", ())
        }
        assert links <= {"https", "http", "mailto", "tel"}


TYPST = (
    '#read("/etc/passwd") #eval("1+1") $x^2$ *bold* _it_ `raw` @label <label> '
    '#import "@preview/x:1.0.0" #{1+1} // no /* comment */ \\u{41} = Heading'
)


def test_words_that_typst_would_read_as_its_own_stay_words():
    words = words_of(paper.make(copy(title="News", introduction=TYPST)))

    assert TYPST in words


def test_documents_are_made_in_a_blink():
    taken = many(10)
    for make in MAKERS.values():
        make(taken)
        began = time.process_time()
        make(taken)
        # Ten times what it takes: this tells of a mistake, and not of a slow machine.
        assert time.process_time() - began < 2
