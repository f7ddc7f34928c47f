"""Pictures are known by what they are, made anew, kept once, and taken away by their owners."""

import asyncio
import io
import json
import zlib
from struct import pack

import pytest
from PIL import Image

from souk.contracts.common import ExportPersonRequest
from souk.contracts.media import (
    DeleteMediaRequest,
    GetDrawingRequest,
    GetFileRequest,
    GetMediaRequest,
    MediaNotFound,
    MediaServiceClient,
    NotAPicture,
    PictureTooLarge,
    UploadRequest,
)
from souk.kernel.refusals import NotAllowed, SignInRequired
from souk.services.media.drawings import VIEWS, shapes
from souk.services.media.shelf import local_shelf
from souk.services.media.use_cases.sweep_files import sweep_files
from tests.support.hosting import hosted
from tests.support.people import as_, customer, guest, service, support


@pytest.fixture
async def host(servers):
    async with hosted("media", servers) as host:
        yield host


@pytest.fixture
def media(host):
    return host.client(MediaServiceClient)


def picture(kind="JPEG", size=(1200, 800), *, colour=(180, 60, 40), **options):
    image = Image.new("RGB", size, colour)
    image.paste((20, 90, 160), (0, 0, size[0] // 3, size[1] // 2))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def with_secrets():
    """Taken by somebody's telephone, at home, standing on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "Telephone of Ada"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif)


def bomb():
    """A PNG of a few hundred bytes that says it is 30,000 pixels wide and high."""
    header = b"IHDR" + pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = pack(">I", 13) + header + pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + pack(">I", 0) + b"IDAT" + pack(">I", zlib.crc32(b"IDAT"))


def uploading(content, name="picture.jpg"):
    return UploadRequest(file=content, file_name=name, content_type="image/jpeg")


def name_in(url):
    return url.rpartition("/")[2]


async def opened(media, url):
    file = await media.get_file(GetFileRequest(name=name_in(url)))
    assert file.content_type == "image/webp"
    return Image.open(io.BytesIO(file.content))


async def test_a_picture_is_kept_in_three_sizes_that_anybody_may_look_at(media):
    with as_(customer()):
        kept = await media.upload(uploading(picture()))
    assert [each.width for each in kept.renditions] == [160, 480, 960]
    with as_(guest()):
        assert await media.get_media(GetMediaRequest(media_id=kept.id)) == kept
        sizes = [(await opened(media, each.url)).size for each in kept.renditions]
    assert sizes == [(each.width, each.height) for each in kept.renditions]
    assert sizes[-1] == (960, 640)


async def test_people_take_home_the_addresses_of_their_pictures(media):
    ada = customer()
    with as_(ada):
        kept = [await media.upload(uploading(picture(size=size))) for size in ((900, 600), (3, 2))]
    with as_(service("users")):
        told = await media.export_person(ExportPersonRequest(person_id=ada.user_id))
    rows = [json.loads(record.json) for record in told.records]
    assert [(row["id"], row["url"]) for row in rows] == [(each.id, each.url) for each in kept]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_a_picture_is_known_by_what_it_is(media, kind):
    with as_(customer()):
        kept = await media.upload(uploading(picture(kind), "invoice.pdf"))
    assert (await opened(media, kept.url)).format == "WEBP"


async def test_a_small_picture_is_never_made_larger(media):
    with as_(customer()):
        kept = await media.upload(uploading(picture(size=(300, 40))))
        tiny = await media.upload(uploading(picture(size=(3, 2))))
    assert [each.width for each in kept.renditions] == [160, 300]
    assert (await opened(media, tiny.url)).size == (3, 2)


async def test_what_a_picture_carries_is_not_passed_on(media):
    with as_(customer()):
        kept = await media.upload(uploading(with_secrets()))
    shown = await opened(media, kept.url)
    assert shown.size[1] > shown.size[0], "it stands upright"
    assert not shown.getexif()
    file = await media.get_file(GetFileRequest(name=name_in(kept.url)))
    assert b"Ada" not in file.content


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7 and so on",
        b"\xff\xd8\xff\xe0 only the beginning of a JPEG",
        picture()[:2000],
        b"GIF89a",
    ],
    ids=["svg", "pdf", "magic alone", "cut off", "empty gif"],
)
async def test_what_is_no_picture_is_refused(media, content):
    with as_(customer()), pytest.raises(NotAPicture):
        await media.upload(uploading(content))


async def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_read(media):
    with as_(customer()), pytest.raises(PictureTooLarge):
        await media.upload(uploading(bomb()))


async def test_one_picture_of_two_people_lies_there_once(host, media):
    with as_(customer()):
        first = await media.upload(uploading(picture("PNG")))
    with as_(customer()):
        second = await media.upload(uploading(picture("PNG", compress_level=1)))
    assert first.id != second.id
    assert first.url == second.url


async def test_nobody_takes_away_what_is_somebody_elses(media):
    owner = customer()
    with as_(owner):
        kept = await media.upload(uploading(picture()))
    with as_(customer()), pytest.raises(MediaNotFound):
        await media.delete_media(DeleteMediaRequest(media_id=kept.id))
    with as_(guest()), pytest.raises((SignInRequired, NotAllowed)):
        await media.delete_media(DeleteMediaRequest(media_id=kept.id))
    with as_(support()):
        await media.delete_media(DeleteMediaRequest(media_id=kept.id))
    with as_(owner), pytest.raises(MediaNotFound):
        await media.get_media(GetMediaRequest(media_id=kept.id))


async def test_files_are_swept_with_the_last_who_had_the_picture(host, media):
    shelf = local_shelf(host.platform.settings.home)
    ada, ben = customer(), customer()
    with as_(ada):
        first = await media.upload(uploading(picture()))
    with as_(ben):
        second = await media.upload(uploading(picture()))

    with as_(ada):
        await media.delete_media(DeleteMediaRequest(media_id=first.id))
    await sweep_files(host.database, shelf, hours=0)
    assert await shelf.find(name_in(second.url))

    with as_(ben):
        await media.delete_media(DeleteMediaRequest(media_id=second.id))
    await sweep_files(host.database, shelf)
    assert await shelf.find(name_in(second.url)), "somebody may upload it again today"
    await sweep_files(host.database, shelf, hours=0)
    assert await shelf.find(name_in(second.url)) is None

    with as_(ben):
        again = await media.upload(uploading(picture()))
    assert await shelf.find(name_in(again.url))


async def test_uploads_and_removals_of_one_picture_at_once_leave_every_picture_with_its_files(
    host, media
):
    shelf = local_shelf(host.platform.settings.home)

    async def come_and_go():
        with as_(customer()):
            kept = await media.upload(uploading(picture(size=(40, 30))))
            await media.delete_media(DeleteMediaRequest(media_id=kept.id))
            return await media.upload(uploading(picture(size=(40, 30))))

    kept = await asyncio.gather(*(come_and_go() for _ in range(6)))
    await sweep_files(host.database, shelf, hours=0)
    assert all([await shelf.find(name_in(each.url)) for each in kept])


async def test_everything_can_be_drawn_in_every_view(media):
    for kind in shapes():
        look = "4f9d8e-e0b25a-front.svg"
        drawn = await media.get_drawing(GetDrawingRequest(kinds=kind, look=look))
        assert drawn.content.startswith(b"<svg"), kind
        assert drawn.content.count(b"class=") <= drawn.content.count(b'"'), kind
    for view in VIEWS:
        look = f"4f9d8e-e0b25a-{view}.svg"
        drawn = await media.get_drawing(GetDrawingRequest(kinds="mug.bowl", look=look))
        assert b"#4f9d8e" in drawn.content


@pytest.mark.parametrize("asked", [("unicorn", "front"), ("mug.unicorn", "front"), ("mug", "side")])
async def test_what_nobody_can_draw_is_not_found(media, asked):
    kinds, view = asked
    with pytest.raises(MediaNotFound):
        await media.get_drawing(GetDrawingRequest(kinds=kinds, look=f"4f9d8e-e0b25a-{view}.svg"))
