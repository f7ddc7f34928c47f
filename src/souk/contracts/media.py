"""Media: pictures that people upload, kept in several sizes, and pictures that are drawn.

Generated from souk/media/v1/media.proto, souk/media/v1/events.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.common import (
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.kernel.contract import (
    Access,
    Answer,
    Empty,
    Event,
    File,
    Http,
    Int32,
    Method,
    Rate,
    Upload,
)
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class UploadRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    file: Annotated[bytes, Meta(min_length=1)]
    file_name: Annotated[str, Meta(max_length=255)] = ""
    content_type: Annotated[str, Meta(max_length=255)] = ""


class Rendition(Struct, frozen=True, kw_only=True):
    """One size of a picture."""

    width: Int32 = 0
    height: Int32 = 0
    url: Annotated[str, Meta(description="A path on this host.")] = ""


class Media(Struct, frozen=True, kw_only=True):
    id: str = ""
    url: Annotated[str, Meta(description="The largest size, a path on this host.")] = ""
    width: Int32 = 0
    height: Int32 = 0
    renditions: Annotated[tuple[Rendition, ...], Meta(description="From small to large.")] = ()
    created_at: Instant | None = None


class GetMediaRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    media_id: Uuid


class DeleteMediaRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    media_id: Uuid


class GetFileRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, pattern="^[0-9a-f]{32}-[0-9]{2,4}\\.webp$")]


class GetDrawingRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kinds: Annotated[
        str,
        Meta(
            min_length=1,
            pattern="^[a-z]{2,20}(\\.[a-z]{2,20}){0,5}$",
            description='Things to draw, by dots: "mug" or "mug.bowl.plate".',
        ),
    ]
    look: Annotated[
        str,
        Meta(
            min_length=1,
            pattern="^[0-9a-f]{6}-[0-9a-f]{6}-[a-z]{4,6}\\.svg$",
            description='Main colour, second colour and view: "4f9d8e-e0b25a-front.svg".',
        ),
    ]


class MediaNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such picture."


class NotAPicture(Refusal):
    KIND = Kind.INVALID
    DETAIL = "This is not a picture that can be shown: {reason}."
    reason: str


class PictureTooLarge(Refusal):
    KIND = Kind.TOO_LARGE
    DETAIL = "The picture has {megapixels} megapixels; at most {max} are taken."
    megapixels: int
    max: int


class TooManyPictures(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "You have {max} pictures already; take some away first."
    max: int


class MediaDeleted(Event, frozen=True, kw_only=True):
    """Somebody took a picture of theirs away: whoever shows it has none any more."""

    SUBJECT: ClassVar[str] = "souk.media.deleted"
    AGGREGATE: ClassVar[str] = "media_id"

    media_id: str = ""


class MediaService(ABC):
    """Pictures: taken in, shown, taken away."""

    NAME: ClassVar[str] = "souk.media.v1.MediaService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def upload(self, request: UploadRequest) -> Media:
        """Takes a picture in. It is known by what it is, whatever it is called, and made anew
        in every
        size, so that nothing it carried (place, camera, script) is passed on.
        """

    @abstractmethod
    async def get_media(self, request: GetMediaRequest) -> Media:
        """A picture and its sizes."""

    @abstractmethod
    async def delete_media(self, request: DeleteMediaRequest) -> Empty:
        """Takes a picture of one's own away; its files go when nobody else has the same
        picture.
        """

    @abstractmethod
    async def get_file(self, request: GetFileRequest) -> File:
        """One size of a picture. Its name is made from its content, so it never changes."""

    @abstractmethod
    async def get_drawing(self, request: GetDrawingRequest) -> File:
        """A picture drawn from its address, where nobody has taken one."""

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class MediaServiceClient(MediaService):
    """Calls MediaService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def upload(self, request: UploadRequest) -> Media:
        answer: Media = await self._transport.call(UPLOAD, request)
        return answer

    async def get_media(self, request: GetMediaRequest) -> Media:
        answer: Media = await self._transport.call(GET_MEDIA, request)
        return answer

    async def delete_media(self, request: DeleteMediaRequest) -> Empty:
        answer: Empty = await self._transport.call(DELETE_MEDIA, request)
        return answer

    async def get_file(self, request: GetFileRequest) -> File:
        answer: File = await self._transport.call(GET_FILE, request)
        return answer

    async def get_drawing(self, request: GetDrawingRequest) -> File:
        answer: File = await self._transport.call(GET_DRAWING, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


UPLOAD = Method(
    service="souk.media.v1.MediaService",
    name="Upload",
    python="upload",
    request=UploadRequest,
    response=Media,
    http=(Http("POST", "/api/v1/media/uploads", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(
        NotAPicture,
        PictureTooLarge,
        TooManyPictures,
    ),
    rate=Rate.UPLOAD,
    answer=Answer(status=201),
    upload=Upload(
        field="file", name_field="file_name", content_type_field="content_type", max_bytes=10485760
    ),
    comment=(
        "Takes a picture in. It is known by what it is, whatever it is called, "
        "and made anew in every\nsize, so that nothing it carried (place, camera, "
        "script) is passed on."
    ),
)
GET_MEDIA = Method(
    service="souk.media.v1.MediaService",
    name="GetMedia",
    python="get_media",
    request=GetMediaRequest,
    response=Media,
    http=(Http("GET", "/api/v1/media/{media_id}"),),
    access=Access(public=True),
    errors=(MediaNotFound,),
    rate=Rate.READ,
    comment="A picture and its sizes.",
)
DELETE_MEDIA = Method(
    service="souk.media.v1.MediaService",
    name="DeleteMedia",
    python="delete_media",
    request=DeleteMediaRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/media/{media_id}"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(MediaNotFound,),
    rate=Rate.WRITE,
    comment=(
        "Takes a picture of one's own away; its files go when nobody else has the same picture."
    ),
)
GET_FILE = Method(
    service="souk.media.v1.MediaService",
    name="GetFile",
    python="get_file",
    request=GetFileRequest,
    response=File,
    http=(Http("GET", "/api/v1/media/files/{name}"),),
    access=Access(public=True),
    errors=(MediaNotFound,),
    rate=Rate.READ,
    answer=Answer(max_age_seconds=31536000),
    comment=("One size of a picture. Its name is made from its content, so it never changes."),
)
GET_DRAWING = Method(
    service="souk.media.v1.MediaService",
    name="GetDrawing",
    python="get_drawing",
    request=GetDrawingRequest,
    response=File,
    http=(Http("GET", "/api/v1/media/drawings/{kinds}/{look}"),),
    access=Access(public=True),
    errors=(MediaNotFound,),
    rate=Rate.READ,
    answer=Answer(max_age_seconds=31536000),
    comment="A picture drawn from its address, where nobody has taken one.",
)
EXPORT_PERSON = Method(
    service="souk.media.v1.MediaService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.media.v1.MediaService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

MediaService.METHODS = (
    UPLOAD,
    GET_MEDIA,
    DELETE_MEDIA,
    GET_FILE,
    GET_DRAWING,
    EXPORT_PERSON,
    ERASE_PERSON,
)
