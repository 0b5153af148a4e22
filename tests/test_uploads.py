"""What gets into the libraries: pixels without their history, files without tricks."""

import contextlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Picture
from PIL import ImageCms, PngImagePlugin
from pillow_heif import register_heif_opener
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, UploadedFile

from cms import attachments, pictures
from cms.errors import NotAnAttachment, NotAPicture
from cms.models.frozen import freeze_image

from .every_block import PDF, make_docx

# Wagtail opens renditions without closing them.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)

register_heif_opener()

# Stands in everything that a picture of the corpus says besides its pixels.
SECRET = "Home of the Secret family"
XMP = f'<?xpacket?><x:xmpmeta xmlns:x="adobe:ns:meta/">{SECRET}</x:xmpmeta>'.encode()
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Marks of every way in which a picture can carry more than pixels. Their absence is
# asserted on bytes: a reader of ours could overlook what another one finds.
TRACES = (
    SECRET.encode(), b"Exif", b"EXIF", b"eXIf", b"http://ns.adobe.com", b"xmpmeta",
    b"XML:com.adobe.xmp", b"Photoshop", b"8BIM", b"ICC_PROFILE", b"iCCP", b"ICCP",
    b"tEXt", b"iTXt", b"zTXt", b"XMP ", b"GPS", b"lcms",
)  # fmt: skip


def exif(*, orientation=1):
    """Where and by whom it was taken, with a small copy of what was cut away."""
    data = Picture.Exif()
    data[0x0112] = orientation
    data[0x010F] = SECRET
    data[0x9286] = SECRET
    gps = data.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (52.0, 42.0, 1.0), "W", (2.0, 44.0, 30.0)
    return data.tobytes()


def drawn(mode="RGB", size=(48, 32)):
    """Not of one colour, so that nothing is lost unseen."""
    picture = Picture.linear_gradient("L").resize(size).convert(mode)
    picture.putpixel(
        (1, 1), 200 if mode in ("L", "P") else (255, 0, 0, 90)[: len(mode)]
    )
    return picture


def saved(form, *, mode="RGB", **options):
    file = io.BytesIO()
    drawn(mode).save(file, form, **options)
    return file.getvalue()


def with_segment(jpeg, marker, content):
    """A JPEG with one more segment after its first two bytes."""
    head = bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2)
    return jpeg[:2] + head + content + jpeg[2:]


def with_chunk(png, name, content):
    """A PNG with one more chunk after its header."""
    chunk = struct.pack(">I", len(content)) + name + content
    chunk += struct.pack(">I", zlib.crc32(name + content))
    return png[:33] + chunk + png[33:]


def text_of_png():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add_text("Author", SECRET, zip=True)
    return info


def thumbnail():
    """EXIF whose second directory holds a small picture, as cameras write it."""
    small = saved("JPEG", comment=SECRET.encode())
    body = b"II*\0\x08\0\0\0" + b"\0\0" + struct.pack("<I", 14)
    entries = struct.pack("<HHHII", 2, 0x0201, 4, 1, 44)
    entries += struct.pack("<HHII", 0x0202, 4, 1, len(small))
    return b"Exif\0\0" + body + entries + b"\0\0\0\0" + small


IPTC = (
    b"Photoshop 3.0\x008BIM\x04\x04\0\0"
    + struct.pack(">I", 5 + len(SECRET))
    + b"\x1c\x02\x78"
    + struct.pack(">H", len(SECRET))
    + SECRET.encode()
)


def corpus():
    """Thirty pictures as families and professionals would upload them."""
    plain = saved("JPEG")
    png = saved("PNG")
    pictures = {
        f"turned-{number}.jpg": saved("JPEG", exif=exif(orientation=number))
        for number in range(1, 9)
    }
    pictures |= {
        "gps.png": saved("PNG", exif=exif()),
        "gps.webp": saved("WEBP", exif=exif()),
        "gps-lossless.webp": saved("WEBP", exif=exif(), lossless=True),
        "gps.heic": saved("HEIF", exif=exif()),
        "gps.avif": saved("AVIF", exif=exif()),
        "xmp.jpg": saved("JPEG", xmp=XMP),
        "xmp.webp": saved("WEBP", xmp=XMP),
        "xmp.heic": saved("HEIF", xmp=XMP),
        "xmp.avif": saved("AVIF", xmp=XMP),
        "text.png": saved("PNG", pnginfo=text_of_png()),
        "profile.jpg": saved("JPEG", icc_profile=PROFILE),
        "profile.png": saved("PNG", icc_profile=PROFILE),
        "profile.webp": saved("WEBP", icc_profile=PROFILE),
        "iptc.jpg": with_segment(plain, 0xED, IPTC),
        "thumbnail.jpg": with_segment(plain, 0xE1, thumbnail()),
        "comment.jpg": saved("JPEG", comment=SECRET.encode()),
        "comment.gif": saved("GIF", mode="P", comment=SECRET.encode()),
        "appended.jpg": plain + SECRET.encode() * 20,
        "unknown-segment.jpg": with_segment(plain, 0xEB, SECRET.encode()),
        "unknown-chunk.png": with_chunk(png, b"seCr", SECRET.encode()),
        "see-through.png": saved("PNG", mode="RGBA", exif=exif()),
        "everything.jpg": with_segment(
            saved("JPEG", exif=exif(), xmp=XMP, icc_profile=PROFILE), 0xED, IPTC
        ),
    }
    return pictures


CORPUS = corpus()


def test_the_corpus_is_what_it_claims_to_be():
    assert len(CORPUS) == 30
    for name, data in CORPUS.items():
        assert any(trace in data for trace in TRACES), name


def everything_stored():
    """The bytes of every file in the media folder."""
    root = Path(django_settings.MEDIA_ROOT)
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def upload(client, name, data, address="/admin/images/multiple/add/"):
    """Choose a file as the screen does that takes several at once."""
    file = SimpleUploadedFile(name, data)
    collection = Collection.get_first_root_node().pk
    return client.post(
        address, {"files[]": file, "title": name, "collection": collection}
    )


def traces_in(data):
    return [trace for trace in TRACES if trace in data]


def test_nothing_but_pixels_is_stored_of_what_is_uploaded(world, client_of):
    """Not in the original, nor in any size of it, nor in what is frozen for a proof."""
    client = client_of(world.editor)
    for name, data in CORPUS.items():
        answer = upload(client, name, data).json()
        assert answer["success"], (name, answer)

    for image in Image.objects.all():
        image.get_rendition("width-20")
        freeze_image(image)

    files = everything_stored()
    assert len([one for one in files if "original_images" in one.parts]) == 30
    assert len([one for one in files if "frozen" in one.parts]) == 30
    assert {
        str(one): found for one, data in files.items() if (found := traces_in(data))
    } == {}


def test_nothing_but_pixels_is_served(client, write, release):
    body = []
    for name, data in CORPUS.items():
        image = Image.objects.create(title=name, file=ContentFile(data, name=name))
        shown = {"image": image.pk, "alt_text": name, "decorative": False}
        body.append({"type": "image", "value": shown})

    made = release(write(body=body))

    names = made.images.values_list("name", flat=True)
    assert len(names) == 30
    for name in names:
        served = client.get(f"/images/{name}")
        assert served.status_code == 200
        assert traces_in(served.content) == []


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_stored_upright(orientation):
    raw = CORPUS[f"turned-{orientation}.jpg"]

    picture = pictures.redraw(raw)

    assert (picture.width, picture.height) == (
        (48, 32) if orientation < 5 else (32, 48)
    )


def colour(data):
    with Picture.open(io.BytesIO(data)) as picture:
        pixel: Any = picture.convert("RGBA").getpixel((40, 30))
    return pixel


@pytest.mark.parametrize(
    "name", ["profile.jpg", "profile.png", "gps.png", "see-through.png"]
)
def test_colours_stay_what_they_were(name):
    """Also where a profile said how they were meant."""
    before, after = colour(CORPUS[name]), colour(pictures.redraw(CORPUS[name]).data)

    assert all(abs(one - other) < 8 for one, other in zip(before, after, strict=True))


# Hostile uploads.


def png_that_claims(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 10_000))):
        start += struct.pack(">I", len(content)) + name + content
        start += struct.pack(">I", zlib.crc32(name + content))
    return start + b"\0\0\0\0IEND\xaeB`\x82"


def moving(form):
    file = io.BytesIO()
    frames = [drawn(), drawn().rotate(90), drawn().rotate(180)]
    frames[0].save(file, form, save_all=True, append_images=frames[1:], duration=50)
    return file.getvalue()


JPEG, PNG, GIF = saved("JPEG"), saved("PNG"), saved("GIF", mode="P")
HOSTILE = {
    "a bomb": ("bomb.png", png_that_claims(50_000, 50_000)),
    "41 megapixels": ("large.png", png_that_claims(8_200, 5_000)),
    "11 MB": ("heavy.jpg", JPEG + b"\0" * (11 * 1024 * 1024)),
    "GIF and script": ("both.gif", GIF + b"/*GIF*/=1;alert(1)//"),
    "GIF with a page in it": ("both.gif", GIF[:-1] + b"<script>alert(1)</script>;"),
    "JPEG and ZIP": ("both.jpg", JPEG + make_docx()),
    "JPEG and page": (
        "both.jpg",
        with_segment(JPEG, 0xFE, b"<html><script>x</script>"),
    ),
    "PNG and PHP": ("both.png", with_chunk(PNG, b"tEXt", b"a\0<?php system('id');")),
    "JPEG and PDF": ("both.jpg", JPEG + PDF),
    "PDF called .jpg": ("leaflet.jpg", PDF),
    "PNG called .jpg": ("picture.jpg", PNG),
    "JPEG called .png": ("picture.png", JPEG),
    "page called .png": ("page.png", b"<html><body>Hello</body></html>"),
    "SVG": ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
    "SVG called .png": ("drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "truncated JPEG": ("half.jpg", JPEG[: len(JPEG) // 2]),
    "truncated PNG": ("half.png", PNG[: len(PNG) // 2]),
    "truncated WebP": ("half.webp", CORPUS["gps.webp"][:60]),
    "truncated HEIC": ("half.heic", CORPUS["gps.heic"][:300]),
    "nothing": ("empty.jpg", b""),
    "noise": ("noise.jpg", bytes(range(256)) * 20),
    "TIFF": ("scan.tiff", saved("TIFF")),
    "moving GIF": ("moving.gif", moving("GIF")),
    "moving WebP": ("moving.webp", moving("WEBP")),
    "moving PNG": ("moving.png", moving("PNG")),
    "a program": ("setup.exe", b"MZ\x90\0" + b"\0" * 200),
}


SENTENCES = {
    value
    for name, value in vars(pictures).items()
    if name.isupper() and isinstance(value, str)
}


def nothing_is_stored():
    return not (
        Image.objects.exists()
        or Document.objects.exists()
        or UploadedFile.objects.exists()
        or everything_stored()
    )


def test_a_hostile_picture_is_refused_and_nothing_kept(world, client_of):
    client = client_of(world.editor)
    for what, (name, data) in HOSTILE.items():
        several = upload(client, name, data).json()
        chosen = client.post(
            "/admin/images/chooser/create/",
            {
                "image-chooser-upload-title": "A picture",
                "image-chooser-upload-file": SimpleUploadedFile(name, data),
                "image-chooser-upload-collection": Collection.get_first_root_node().pk,
            },
        )

        assert several["success"] is False, what
        # A sentence that says what to do, not what a library threw.
        assert several["error_message"] in SENTENCES, what
        assert chosen.json()["step"] == "reshow_creation_form", what
        assert any(escape(one) in chosen.json()["htmlFragment"] for one in SENTENCES)
        assert nothing_is_stored(), what


SAYS = {
    "a bomb": pictures.TOO_MANY_PIXELS,
    "41 megapixels": pictures.TOO_MANY_PIXELS,
    "11 MB": pictures.TOO_LARGE,
    "SVG": pictures.WRONG_KIND,
    "a program": pictures.WRONG_KIND,
    "PNG called .jpg": pictures.NOT_WHAT_IT_SAYS,
    "JPEG and ZIP": pictures.MORE_THAN_A_PICTURE,
    "moving GIF": pictures.MOVES,
    "truncated JPEG": pictures.UNREADABLE,
}


@pytest.mark.parametrize("what", SAYS)
def test_what_is_wrong_with_a_picture_is_said_by_the_control_that_refused_it(
    world, client_of, what
):
    answer = upload(client_of(world.editor), *HOSTILE[what]).json()

    assert answer["error_message"] == SAYS[what]


def test_webp_which_takes_most_memory_may_have_fewest_pixels(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS_OF_WEBP", 1_000)

    with pytest.raises(NotAPicture, match="This WebP has more than 20 million pixels"):
        pictures.redraw(CORPUS["gps.webp"])
    assert pictures.redraw(CORPUS["everything.jpg"]).width


# Django asks for the size of a picture before it saves it.
UNREADABLE = (NotAPicture, OSError, Picture.DecompressionBombError)


@pytest.mark.parametrize("what", ["a bomb", "JPEG and ZIP", "SVG", "truncated JPEG"])
def test_no_script_gets_a_picture_in_past_the_forms(db, what):
    name, data = HOSTILE[what]

    with pytest.raises(UNREADABLE), transaction.atomic():
        Image.objects.create(title="x", file=ContentFile(data, name=name))
    with pytest.raises(NotAPicture):
        Image(title="x").file.save(name, ContentFile(data), save=False)

    assert nothing_is_stored()


def test_a_script_that_stores_a_photograph_stores_its_pixels(db):
    data = CORPUS["everything.jpg"]

    image = Image.objects.create(title="x", file=ContentFile(data, name="photo.jpg"))

    (stored,) = everything_stored().values()
    assert traces_in(stored) == []
    assert (image.width, image.height) == (48, 32)


def test_replacing_a_picture_goes_through_the_same_door(world, client_of):
    client = client_of(world.editor)
    upload(client, "door.png", PNG)
    image = Image.objects.get()
    fields = {"title": "Door", "collection": image.collection_id, "tags": ""}
    fields |= {f"focal_point_{one}": "" for one in ("x", "y", "width", "height")}
    address = f"/admin/images/{image.pk}/"

    refused = client.post(
        address, fields | {"file": SimpleUploadedFile("b.jpg", JPEG + make_docx())}
    )
    kept = everything_stored()
    photo = SimpleUploadedFile("gps.jpg", CORPUS["everything.jpg"])
    client.post(address, fields | {"file": photo})

    assert pictures.MORE_THAN_A_PICTURE in refused.text
    assert next(iter(kept.values())).startswith(b"\x89PNG")
    assert all(traces_in(data) == [] for data in everything_stored().values())


def test_a_picture_that_waits_for_a_shorter_title_is_drawn_anew_too(world, client_of):
    file = SimpleUploadedFile("photo.jpg", CORPUS["everything.jpg"])
    client = client_of(world.editor)
    collection = Collection.get_first_root_node().pk

    client.post(
        "/admin/images/multiple/add/",
        {"files[]": file, "title": "x" * 300, "collection": collection},
    )

    assert UploadedFile.objects.count() == 1
    (stored,) = everything_stored().values()
    assert traces_in(stored) == []


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(CORPUS)),
    at=st.floats(0, 1),
    bits=st.integers(1, 255),
    cut=st.booleans(),
)
def test_a_damaged_picture_is_drawn_or_refused(name, at, bits, cut):
    """Never anything else: no decoder's error reaches whoever uploads."""
    data = bytearray(CORPUS[name])
    place = int(at * (len(data) - 1))
    if cut:
        del data[place:]
    else:
        data[place] ^= bits

    with contextlib.suppress(NotAPicture):
        picture = pictures.redraw(bytes(data))
        assert traces_in(picture.data) == []


def test_a_picture_that_freezes_is_no_wider_than_pages_need(db):
    wide = io.BytesIO()
    Picture.new("RGB", (4000, 100)).save(wide, "JPEG")
    file = ContentFile(wide.getvalue(), name="wide.jpg")
    image = Image.objects.create(title="Wide", file=file)

    assert (image.width, freeze_image(image).width) == (4000, 1600)


# Attachments.


def pdf(*, inside=b"", packed=b""):
    parts = b"1 0 obj\n<< /Type /Catalog " + inside + b" >>\nendobj\n"
    if packed:
        stream = zlib.compress(packed)
        parts += (
            b"2 0 obj\n<< /Type /ObjStm /Filter /FlateDecode /Length %d >>\n"
            % len(stream)
        )
        parts += b"stream\n" + stream + b"endstream\nendobj\n"
    return b"%PDF-1.7\n" + parts + b"trailer\n<< >>\n%%EOF\n"


def test_a_package_is_not_unpacked_to_find_out_that_it_is_a_bomb(monkeypatch):
    monkeypatch.setattr(attachments, "MOST_UNPACKED", 10)

    with pytest.raises(NotAnAttachment, match="larger than 10 MB"):
        attachments.check("a.docx", make_docx())


OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
BAD_ATTACHMENTS = {
    "PDF with a script": ("a.pdf", pdf(inside=b"/Names << /JavaScript 3 0 R >>")),
    "PDF with a script spelt otherwise": ("a.pdf", pdf(inside=b"/AA << /J#53 (x) >>")),
    "PDF with a packed script": ("a.pdf", pdf(packed=b"5 0 << /S /JavaScript >>")),
    "PDF that starts a program": ("a.pdf", pdf(inside=b"/OpenAction << /S /Launch >>")),
    "PDF with files in it": ("a.pdf", pdf(inside=b"/EmbeddedFiles 4 0 R")),
    "PDF with a password": ("a.pdf", pdf(inside=b"/Encrypt 4 0 R")),
    "PDF with a bomb": ("a.pdf", pdf(packed=b"\0" * (70 * 1024 * 1024))),
    "page called .pdf": ("a.pdf", b"<html>%PDF-1.4 %%EOF"),
    "half a PDF": ("a.pdf", PDF[:20]),
    "Word with a macro": ("a.docx", make_docx("word/vbaProject.bin")),
    "Word with another file in it": ("a.docx", make_docx("word/embeddings/x.xlsx")),
    "Word called .xlsx": ("a.xlsx", make_docx()),
    "Word with a password": ("a.docx", OLD_OFFICE),
    "a ZIP called .docx": ("a.docx", b"PK\x03\x04" + b"\0" * 100),
    "old Word": ("a.doc", OLD_OFFICE),
    "a page": ("a.html", b"<html></html>"),
    "SVG": ("a.svg", b"<svg/>"),
    "a program": ("a.exe", b"MZ"),
    "a ZIP": ("a.zip", make_docx()),
    "no ending": ("a", PDF),
    "11 MB": ("a.pdf", PDF + b" " * (11 * 1024 * 1024)),
}


def test_a_file_that_could_do_harm_is_refused(world, client_of):
    client = client_of(world.editor)
    for what, (name, data) in BAD_ATTACHMENTS.items():
        answer = upload(client, name, data, "/admin/documents/multiple/add/").json()

        assert answer["success"] is False, what
        assert answer["error_message"].endswith("."), what
        with pytest.raises(NotAnAttachment), transaction.atomic():
            Document.objects.create(title="x", file=ContentFile(data, name=name))
        assert nothing_is_stored(), what


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", PDF, "PDF"),
        ("a.PDF", pdf(packed=b"5 0 << /Type /Font >>"), "PDF"),
        ("a.docx", make_docx(), "Word document"),
    ],
)
def test_a_harmless_file_is_taken_as_it_is(world, client_of, name, data, kind):
    answer = upload(
        client_of(world.editor), name, data, "/admin/documents/multiple/add/"
    ).json()

    assert answer["success"] is True
    assert list(everything_stored().values()) == [data]
    assert attachments.check(name, data).name == kind
