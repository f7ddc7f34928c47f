"""Pictures made anew: known by their content, turned upright, in the sizes that pages ask for."""

from __future__ import annotations

import hashlib
import io
import warnings

from msgspec import Struct
from PIL import Image, ImageOps, UnidentifiedImageError

from souk.contracts.media import NotAPicture, PictureTooLarge

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # the only readers that are ever tried
WIDTHS = (160, 480, 960)
MEGAPIXELS_MAX = 40
SIDE_MAX = 12_000
QUALITY = 82
MILLION = 1_000_000


class File(Struct, frozen=True):
    """A picture in one size, as WebP."""

    width: int
    height: int
    content: bytes


class Picture(Struct, frozen=True):
    digest: str
    width: int
    height: int
    renditions: tuple[File, ...]


def made_anew(content: bytes) -> Picture:
    """CPU-bound: to be called in a thread. Raises NotAPicture or PictureTooLarge."""
    image = _read(content)
    # Only pixels go on from here: no place, no camera, no colour profile, no text.
    upright = ImageOps.exif_transpose(image)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    files = tuple(_sized(plain, width) for width in _widths(plain.width))
    # Named by the pixels, not by the file: two files of one picture are one picture.
    digest = hashlib.sha256(b"%dx%d" % plain.size + plain.mode.encode() + plain.tobytes())
    return Picture(digest.hexdigest()[:32], plain.width, plain.height, files)


def _read(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns of huge pictures before we have looked at how huge.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        megapixels = image.width * image.height // MILLION
        if megapixels > MEGAPIXELS_MAX or max(image.size) > SIDE_MAX:
            raise PictureTooLarge(megapixels=max(megapixels, 1), max=MEGAPIXELS_MAX)
        image.draft("RGB", (WIDTHS[-1] * 2, WIDTHS[-1] * 2))  # JPEG may be read smaller
        image.load()
    except Image.DecompressionBombError:
        raise PictureTooLarge(megapixels=MEGAPIXELS_MAX + 1, max=MEGAPIXELS_MAX) from None
    except UnidentifiedImageError:
        raise NotAPicture(reason="it is neither JPEG nor PNG, WebP or GIF") from None
    except (OSError, SyntaxError, ValueError, EOFError):  # what decoders of broken files raise
        raise NotAPicture(reason="the file is damaged") from None
    return image


def _widths(width: int) -> list[int]:
    """Never larger than it is; a small picture has one size, its own."""
    smaller = [each for each in WIDTHS if each < width]
    return smaller if len(smaller) == len(WIDTHS) else [*smaller, width]


def _sized(image: Image.Image, width: int) -> File:
    height = max(round(image.height * width / image.width), 1)
    sized = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    buffer = io.BytesIO()
    sized.save(buffer, "WEBP", quality=QUALITY, method=4)
    return File(width, height, buffer.getvalue())
