"""Files with an answer: looked at before they are decoded, made anew, kept once, given out harmlessly."""

import io
import zipfile
import zlib

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import func, select

from models.form import Question, QuestionType
from models.tables.asking import Submission, Upload, UploadContent
from models.text import Language
from sandwich.errors import BadInput
from sandwich.rules.file_kinds import kind_of, plain_name
from sandwich.services.uploads import look_at
from sandwich.web.files import INERT
from tests.web.conftest import browser_of
from tests.web.reading import read
from tests.web.story import IMPRESSIONS
from tests.web.visit import Visit

pytestmark = pytest.mark.asyncio

PHOTO = Question.model_validate(
    {
        "key": "photo",
        "type": QuestionType.FILE,
        "label": {"nl": "Foto", "en": "Photo"},
        "accept": ["image/jpeg", "image/png", "image/webp"],
        "at_most": 3,
    }
)
MATERIALS = PHOTO.model_copy(update={"key": "materials", "accept": (".pdf", ".docx", ".odt", ".png", ".jpg")})
SENTINEL = "Canon-of-Nadia-51.9N"


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB") -> bytes:
    """Return a picture with notes of its camera."""
    picture = Image.new(mode, size, "sienna")
    notes = Image.Exif()
    notes[0x010F] = SENTINEL
    notes[0x0112] = 6
    notes.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, kind, exif=notes)
    return out.getvalue()


def a_bomb(side: int = 100_000) -> bytes:
    """Return a PNG of a few bytes that says it has so many pixels on each side."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    head = side.to_bytes(4) + side.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def an_archive(*names: str, **contents: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<xml/>")
        for name, content in contents.items():
            archive.writestr(name, content)
    return out.getvalue()


WORD = an_archive("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_control_15_a_picture_is_made_anew_upright_and_without_notes(kind: str) -> None:
    content = a_picture(kind)
    assert SENTINEL.encode() in content
    file = await look_at(PHOTO, "../../IMG 1.PNG", content)
    assert file.media_type == "image/jpeg"
    assert file.name == "IMG 1.jpg"
    assert SENTINEL.encode() not in file.content
    made = Image.open(io.BytesIO(file.content))
    assert made.size == (480, 640), "turned as the camera meant it"
    assert not made.getexif()
    assert not {"exif", "icc_profile", "comment", "xmp"} & set(made.info)


async def test_large_and_transparent_pictures_become_ordinary_ones() -> None:
    file = await look_at(PHOTO, "groot.png", a_picture("PNG", (6000, 3000), "RGBA"))
    made = Image.open(io.BytesIO(file.content))
    assert max(made.size) == 2400
    assert made.mode == "RGB"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("bom.png", a_bomb(), "te groot (meer dan 40 megapixel)"),
        ("net.png", a_bomb(6400), "te groot (meer dan 40 megapixel)"),  # what the library itself would still decode
        ("iphone.heic", b"\0\0\0\x18ftypheic\0\0\0\0" + b"x" * 50, "Meest compatibel"),
        ("foto.jpg", an_archive("vakantie.txt"), "niet wat de naam zegt"),
        ("foto.jpg", b"%PDF-1.7 nog iets", "niet wat de naam zegt"),
        ("foto.svg", b"<svg onload='alert(1)'/>", "niet wat de naam zegt"),
        ("half.jpg", a_picture()[:400], "beschadigd"),
        ("kop.jpg", b"\xff\xd8\xff" + b"\0" * 100, "beschadigd"),
        ("leeg.jpg", b"", "leeg"),
        ("zwaar.jpg", b"\xff\xd8\xff" + b"\0" * (8 * 1024 * 1024), "groter dan 8 MB"),
    ],
    ids=["bomb", "just over", "heic", "zip", "pdf", "svg", "half", "head", "empty", "heavy"],
)
async def test_control_15_what_is_no_photo_gets_a_sentence(name: str, content: bytes, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        await look_at(PHOTO, name, content)
    assert says in refused.value.to(Language.DUTCH)
    assert refused.value.to(Language.ENGLISH) != refused.value.to(Language.DUTCH)


async def test_documents_are_known_by_their_content() -> None:
    assert (await look_at(MATERIALS, "les.exe", WORD)).name == "les.docx"
    assert (await look_at(MATERIALS, "blad.pdf", b"%PDF-1.4 x")).media_type == "application/pdf"
    assert (await look_at(MATERIALS, "wand.png", a_picture("PNG"))).media_type == "image/jpeg"
    odt = an_archive("content.xml", mimetype="application/vnd.oasis.opendocument.text")
    assert (await look_at(MATERIALS, "x.odt", odt)).name == "x.odt"
    for bad in (
        an_archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        an_archive("[Content_Types].xml", "xl/workbook.xml"),
        an_archive(mimetype="application/x-evil"),
        b"PK\x03\x04 broken",
    ):
        with pytest.raises(BadInput):
            await look_at(MATERIALS, "les.docx", bad)
    assert kind_of(b"MZ\x90") is None


async def test_control_15_names_are_plain() -> None:
    assert plain_name("C:\\Users\\n\\hal 2.jpeg", ".jpg") == "hal 2.jpg"
    assert plain_name("a\r\nSet-Cookie: x=1.jpg", ".jpg") == "a__Set-Cookie_ x_1.jpg"
    assert plain_name("‮gpj.exe", ".jpg") == "gpj.jpg"
    assert plain_name("....", ".pdf") == "bestand.pdf"
    assert len(plain_name("x" * 500 + ".pdf", ".pdf")) <= 84


async def test_a_photo_survives_a_mistake_elsewhere_and_is_kept_once(app: FastAPI, after_the_day: Visit) -> None:
    visit = after_the_day
    async with browser_of(app) as web, browser_of(app) as other:
        page = read((await web.get(f"/f/{await visit.token('T3', 'field-note')}")).text)
        assert page.form.is_multipart
        files = {"photo": ("hal 2.jpg", a_picture(), "image/jpeg")}
        answer = await web.post(page.form.action, data=page.form.filled(_action="send"), files=files)
        assert answer.status_code == 422
        again = read(answer.text)
        assert "hal 2.jpg" in again.content
        kept = [value for value in again.form.fields["photo"] if value]
        assert len(kept) == 1

        right = again.form.filled(saw="Een zaag die tekent", lesson_link="Rekenen", _action="send")
        twice = [await web.post(again.form.action, data=right, files=files) for _ in range(2)]
        assert all("/thanks/" in one.url.path for one in twice)
        async with visit.runtime.store.read() as session:
            answers = await session.scalar(select(Submission.answers).where(Submission.form == "field-note"))
            assert answers is not None
            assert answers["photo"] == kept
            assert await session.scalar(select(func.count()).select_from(UploadContent)) == 1
        second = {"photo": ("hal 3.jpg", a_picture(size=(320, 200)), "image/jpeg")}
        changed = await web.post(again.form.action, data=right, files=second)
        assert changed.status_code == 409, "with another photo it is another answer"
        assert [value in read(changed.text).form.fields["photo"] for value in kept] == [True]
        assert "hal 3.jpg" in read(changed.text).content

        shown = await web.get(f"{again.form.action}/file/{kept[0]}")
        assert shown.status_code == 200
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["content-disposition"].startswith('inline; filename="hal 2.jpg"')
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["content-security-policy"] == INERT
        assert SENTINEL.encode() not in shown.content
        [tiny] = [source for source in again.sources if "/file/" in source]
        few = await web.get(tiny)
        assert max(Image.open(io.BytesIO(few.content)).size) == 320
        assert len(few.content) < len(shown.content)

        theirs = (await other.get(f"/f/{await visit.token('T2', 'field-note')}")).url.path
        assert (await other.get(f"{theirs}/file/{kept[0]}")).status_code == 404
        assert (await other.get(f"{again.form.action}/file/{kept[0]}")).status_code == 404


async def test_what_cannot_be_used_is_told_beside_the_question(web: httpx.AsyncClient, after_the_day: Visit) -> None:
    visit = after_the_day
    page = read((await web.get(f"/f/{await visit.token('T3', 'field-note')}")).text)
    bad = [("photo", ("bom.png", a_bomb(), "image/png")), ("photo", ("goed.jpg", a_picture(), "image/jpeg"))]
    data = page.form.filled(saw="Een zaag", lesson_link="Rekenen", _action="send")
    answer = await web.post(page.form.action, data=data, files=bad)
    assert answer.status_code == 422
    again = read(answer.text)
    assert "bom.png: Deze foto is te groot" in again.content
    assert "goed.jpg" in again.content
    assert again.form.fields["saw"] == ["Een zaag"]

    four = [("photo", (f"{n}.jpg", a_picture(), "image/jpeg")) for n in range(4)]
    answer = await web.post(page.form.action, data=data, files=four)
    assert "Hoogstens 3 bestanden." in read(answer.text).content

    heavy = [("photo", ("z.jpg", b"\xff\xd8\xff" + b"\0" * (25 * 1024 * 1024), "image/jpeg"))]
    answer = await web.post(page.form.action, data=data, files=heavy)
    assert answer.status_code == 413
    assert "te groot" in read(answer.text).content


async def test_files_with_a_form_that_takes_none_are_refused(web: httpx.AsyncClient, visit: Visit) -> None:
    page = read((await web.get(f"/f/{await visit.token('T3', 'goals')}")).text)
    files = {"goal_1": ("x.jpg", a_picture(), "image/jpeg")}
    answer = await web.post(page.form.action, data=page.form.filled(_action="send"), files=files)
    assert answer.status_code == 400
    async with visit.runtime.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Upload)) == 0


async def test_control_15_material_and_photos_with_the_impressions(
    web: httpx.AsyncClient, after_the_day: Visit
) -> None:
    visit = after_the_day
    page = read((await web.get(f"/f/{await visit.token('T2', 'impressions')}")).text)
    given = {
        name: {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        for name, value in IMPRESSIONS.items()
    }
    files = [("materials", ("werkblad.docx", WORD, "application/x-anything")), ("photo", ("a.jpg", a_picture(), ""))]
    data = page.form.filled(**given, materials_licence="region", photo_consent="yes", _action="send")
    answer = await web.post(page.form.action, data=data, files=files)
    assert "/thanks/" in answer.url.path, read(answer.text).content[:500]
    async with visit.runtime.store.read() as session:
        names = list(await session.scalars(select(Upload.name).order_by(Upload.question)))
    assert names == ["werkblad.docx", "a.jpg"]
