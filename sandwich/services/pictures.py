"""Make a picture anew: upright, not too large, and without anything that the camera wrote into it."""

import io

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from sandwich.errors import BadInput

MOST_PIXELS = 40_000_000
"""Larger pictures are refused before they are decoded."""

LONGEST_SIDE = 2400
"""Pixels that the longer side has at most; enough to print a page."""

SMALL_SIDE = 320
"""The same of a picture that only shows which one it is."""

_FORMATS = ("JPEG", "PNG", "WEBP")


def renew(content: bytes) -> bytes:
    """Return the picture as a JPEG with its pixels alone; raises ``BadInput``. Takes a second: call it in a thread."""
    try:
        picture = Image.open(io.BytesIO(content), formats=_FORMATS)
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise _too_large()
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        return _written(_flat(ImageOps.exif_transpose(picture)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadInput(
            "This picture is damaged and cannot be shown. Choose another.",
            "Deze foto is beschadigd en niet te tonen. Kies een andere.",
        ) from error


def small(content: bytes, side: int = SMALL_SIDE) -> bytes:
    """Return one of our own pictures with at most ``side`` pixels on its longer side. Call it in a thread."""
    picture = Image.open(io.BytesIO(content), formats=("JPEG",))
    picture.draft("RGB", (side, side))
    picture.thumbnail((side, side))
    return _written(picture.convert("RGB"))


def _too_large() -> BadInput:
    return BadInput(
        "This picture is too large (more than 40 megapixels). Make it smaller or choose another.",
        "Deze foto is te groot (meer dan 40 megapixel). Maak hem kleiner of kies een andere.",
    )


def _flat(picture: Image.Image) -> Image.Image:
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture.getchannel("A"))
        return paper
    return _common_colours(picture)


def _common_colours(picture: Image.Image) -> Image.Image:
    """Turn the colours of a phone's own profile into those that every screen shows, for the profile is left out."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode == "RGB":
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return turned or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            return picture
    return picture.convert("RGB")


def _written(picture: Image.Image) -> bytes:
    # A picture without the notes of its source: what is not copied cannot be saved.
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()
