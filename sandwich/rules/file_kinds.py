"""What a file is, by its content and never by its name."""

import io
import re
import unicodedata
import zipfile

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Kinds that are made anew before they are kept."""

_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_MOST_ENTRIES = 20_000
_LONGEST_NAME = 80


def kind_of(content: bytes) -> str | None:
    """Return the media type of a file, ``image/heic`` for photos of that family, ``None`` for what we do not take."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return "image/heic"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    return None


def suffix_of(media_type: str) -> str:
    """Return how the name of such a file ends."""
    return _SUFFIXES.get(media_type, "")


def plain_name(name: str, suffix: str) -> str:
    """Return a file name that is safe to show and to save under, with the right ending."""
    last = re.split(r"[/\\]", name)[-1]
    stem = last.rpartition(".")[0] or last
    kept = "".join(one if unicodedata.category(one)[0] in "LMN" or one in " -_()" else "_" for one in stem)
    kept = " ".join(kept.split()).strip("._ ")[:_LONGEST_NAME].strip()
    return f"{kept or 'bestand'}{suffix}"


def _office_kind(content: bytes) -> str | None:
    """Tell text documents, sheets and slides from any other archive; those with macros are not taken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_ENTRIES or any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                said = archive.read("mimetype").decode("ascii", "replace").strip()
                return said if said in _SUFFIXES else None
            if "[Content_Types].xml" not in names:
                return None
            return next((kind for folder, kind in _OFFICE.items() if any(n.startswith(folder) for n in names)), None)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return None
