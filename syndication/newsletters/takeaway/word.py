"""A document for Word: true headings, lists and links, for newsletters made there."""

import zipfile
from datetime import datetime
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import CharacterStyle
from docx.text.paragraph import Paragraph

from .copies import Copy
from .pieces import Piece, Role, Run

FONT = "Arial"
INK = RGBColor(0x1A, 0x1A, 0x1A)
BLUE = RGBColor(0x0B, 0x4F, 0x8A)
LINK, CREDIT = "Hyperlink", "Credit"
# By the name that stands in the file: to look one up reads all of the template's.
STYLES = {
    Role.TITLE: "Heading1",
    Role.HEADING: "Heading2",
    Role.PARAGRAPH: None,
    Role.ITEM: "ListBullet",
    Role.CREDIT: CREDIT,
}
# Clear print, as UK guidance has it, begins at 12 points.
SIZES = {"Heading 1": Pt(20), "Heading 2": Pt(15), "Normal": Pt(12)}
# What the library's own template tells of itself: a picture of an empty page, and that
# Word made it, in no time.
OF_THE_TEMPLATE = {
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail",
    RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
}
LONGEST_TITLE = 255
# The first day that a ZIP file can name: parts of a document have none of their own.
EPOCH = (1980, 1, 1, 0, 0, 0)


def make(copy: Copy) -> bytes:
    """Return the document, the same bytes for the same copy."""
    document = docx.Document()
    _lay_out(document, copy.language)
    for piece in copy.pieces():
        if piece.role != Role.RULE:  # The style of what follows has it above.
            _write(document, piece)
    _name(document, copy)
    written = BytesIO()
    document.save(written)
    return _without_days(written.getvalue())


def _lay_out(document: Document, language: str) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(25)
    page.top_margin = page.bottom_margin = Mm(20)
    link = document.styles.add_style(LINK, WD_STYLE_TYPE.CHARACTER)
    assert isinstance(link, CharacterStyle)  # noqa: S101 - just made as one
    link.font.color.rgb = BLUE
    link.font.underline = True
    credit = document.styles.add_style(CREDIT, WD_STYLE_TYPE.PARAGRAPH)
    credit.base_style = document.styles["Normal"]
    credit.element.get_or_add_pPr().append(_line_above())
    for name, size in SIZES.items():
        style = document.styles[name]
        assert isinstance(style, CharacterStyle)  # noqa: S101 - of the template
        properties = style.element.get_or_add_rPr()
        for fonts in properties.findall(qn("w:rFonts")):
            # A font of the theme would win over ours.
            properties.remove(fonts)
        style.font.name = FONT
        style.font.size = size
        style.font.color.rgb = INK
    for spoken in document.styles.element.iter(qn("w:lang")):
        spoken.set(qn("w:val"), language)


def _line_above() -> BaseOxmlElement:
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "6")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    return borders


def _write(document: Document, piece: Piece) -> None:
    paragraph = document.add_paragraph()
    paragraph._p.style = STYLES[piece.role]
    for run in piece.runs:
        written = paragraph.add_run(run.text)
        if run.strong:
            written.bold = True
        if run.href:
            _link(paragraph, run)


def _link(paragraph: Paragraph, run: Run) -> None:
    """Make the words that were written last a link: the library only reads links."""
    written = paragraph.runs[-1]
    written._r.style = LINK
    key = paragraph.part.relate_to(
        run.href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
    )
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), key)
    paragraph._p.append(link)
    link.append(written._r)


def _name(document: Document, copy: Copy) -> None:
    """Say what it is and whose, in place of who used which program when."""
    at = datetime.fromisoformat(copy.as_of)
    about = document.core_properties
    about.title = copy.title[:LONGEST_TITLE]
    about.author = about.last_modified_by = copy.credit.publisher_name
    about.language = copy.language
    about.identifier = copy.url
    about.version = str(copy.version)
    about.comments = f"Check this text: {copy.credit.check_url}"
    about.subject = about.category = about.keywords = ""
    about.revision = 1
    about.created = about.modified = at
    package = document.part.package
    for key, found in list(package.rels.items()):
        if found.reltype in OF_THE_TEMPLATE:
            del package.rels[key]


def _without_days(written: bytes) -> bytes:
    """Return a ZIP file without the moment at which each part was put in."""
    plain = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(written)) as source,
        zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = zipfile.ZipInfo(name, EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return plain.getvalue()
