"""People show a picture of themselves, another one, or none."""

import pytest

from souk.contracts.media import MediaDeleted, MediaService, NotAPicture
from souk.contracts.users import (
    GetProfileRequest,
    RemoveAvatarRequest,
    SetAvatarRequest,
    UserServiceClient,
)
from souk.kernel.refusals import SignInRequired, Unavailable
from tests.services.users.persons import caller_of, registered
from tests.support.hosting import hosted
from tests.support.people import as_, guest
from tests.support.pictures import Pictures


class Moody(Pictures):
    """Raises `refusal` at whatever it is told to."""

    refusal = None
    refuses = ""

    async def upload(self, request):
        if self.refuses == "upload":
            raise self.refusal
        return await super().upload(request)

    async def delete_media(self, request):
        if self.refuses == "delete":
            raise self.refusal
        return await super().delete_media(request)


@pytest.fixture
def pictures():
    return Moody()


@pytest.fixture
async def host(servers, pictures):
    async with hosted("users", servers, fakes={MediaService: pictures}) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


@pytest.fixture
async def ada(users):
    return await caller_of(users, await registered(users))


def picture(content=b"1"):
    return SetAvatarRequest(file=content, file_name="me.jpg", content_type="image/jpeg")


async def test_a_picture_is_shown_until_another_takes_its_place(users, pictures, ada):
    with as_(ada):
        first = (await users.set_avatar(picture(b"1"))).avatar_url
        second = (await users.set_avatar(picture(b"2"))).avatar_url
        assert (await users.get_profile(GetProfileRequest())).avatar_url == second
    assert first != second
    assert list(pictures.owners.values()) == [ada.user_id]


async def test_a_picture_is_taken_down(users, pictures, ada):
    with as_(ada):
        await users.set_avatar(picture())
        for _ in range(2):
            assert (await users.remove_avatar(RemoveAvatarRequest())).avatar_url == ""
        assert (await users.get_profile(GetProfileRequest())).avatar_url == ""
    assert pictures.owners == {}


async def test_what_media_refuse_is_told_and_changes_nothing(users, pictures, ada):
    with as_(ada):
        shown = (await users.set_avatar(picture())).avatar_url
        pictures.refuses, pictures.refusal = "upload", NotAPicture()
        with pytest.raises(NotAPicture):
            await users.set_avatar(picture(b"invoice"))
        assert (await users.get_profile(GetProfileRequest())).avatar_url == shown


async def test_an_old_picture_that_cannot_be_deleted_keeps_no_new_one_away(users, pictures, ada):
    with as_(ada):
        await users.set_avatar(picture(b"1"))
        pictures.refuses, pictures.refusal = "delete", Unavailable(service="media")
        shown = (await users.set_avatar(picture(b"2"))).avatar_url
        assert (await users.get_profile(GetProfileRequest())).avatar_url == shown


async def test_only_those_who_are_signed_in_have_one(users):
    with as_(guest()), pytest.raises(SignInRequired):
        await users.set_avatar(picture())


async def test_a_picture_taken_away_at_media_is_shown_no_more(users, host, ada):
    with as_(ada):
        assert (await users.set_avatar(picture())).avatar_url
        shown = await host.database.fetchval("select avatar_media_id from users")
        await host.deliver(MediaDeleted(media_id=shown))
        assert (await users.get_profile(GetProfileRequest())).avatar_url == ""
