"""The part of users about what people agree to, what we know of them, and how they leave."""

from __future__ import annotations

from souk.contracts.api import Role
from souk.contracts.users import (
    Consent,
    ConsentList,
    ConsentText,
    ConsentTextList,
    DeleteUserRequest,
    DownloadExportRequest,
    EraseGuestDataRequest,
    Erasure,
    ErasureList,
    ForgetGuestsRequest,
    GetErasureRequest,
    ListConsentsRequest,
    ListConsentTextsRequest,
    ListExportsRequest,
    PersonExport,
    PersonExportList,
    PublishConsentTextRequest,
    ReplayedErasures,
    ReplayErasuresRequest,
    RequestErasureRequest,
    RequestExportRequest,
    RequestGuestLinkRequest,
    SetConsentRequest,
    TakeGuestDataRequest,
    UserNotFound,
    UserService,
)
from souk.kernel.context import caller
from souk.kernel.contract import Empty, File
from souk.kernel.database import Database
from souk.kernel.ids import new_id
from souk.kernel.personal_data import PersonalDataRpc
from souk.services.users import consent_store, erasure_store
from souk.services.users.erasure import Erasures
from souk.services.users.exports import Exports
from souk.services.users.guests import Guests
from souk.services.users.personal_store import HOLDINGS
from souk.services.users.visits import Visit


class PrivacyRpc(PersonalDataRpc, UserService):
    """People are the owners of what is known of them."""

    HOLDINGS = HOLDINGS
    database: Database
    exports: Exports
    erasures: Erasures
    guests: Guests

    async def list_consent_texts(self, request: ListConsentTextsRequest) -> ConsentTextList:
        return await consent_store.list_texts(self.database)

    async def publish_consent_text(self, request: PublishConsentTextRequest) -> ConsentText:
        return await self.database.once(
            ConsentText, request, consent_store.publish_text, request.kind, request.wording
        )

    async def set_consent(self, request: SetConsentRequest) -> Consent:
        return await self.database.transact(
            consent_store.set_consent, new_id(), request, user_id=caller().user_id
        )

    async def list_consents(self, request: ListConsentsRequest) -> ConsentList:
        page, size = request.page or 1, request.page_size or 50
        return await consent_store.list_consents(
            self.database, caller().user_id, limit=size, offset=(page - 1) * size
        )

    async def request_export(self, request: RequestExportRequest) -> PersonExport:
        return await self.exports.ask(caller().user_id)

    async def list_exports(self, request: ListExportsRequest) -> PersonExportList:
        return await self.exports.list(caller().user_id)

    async def download_export(self, request: DownloadExportRequest) -> File:
        return await self.exports.download(request.export_id, user_id=caller().user_id)

    async def request_erasure(self, request: RequestErasureRequest) -> Erasure:
        return await self.erasures.ask(caller().user_id)

    async def delete_user(self, request: DeleteUserRequest) -> Erasure:
        by = caller()
        if request.user_id != by.user_id and Role.ADMIN not in by.roles:
            raise UserNotFound()
        return await self.erasures.ask(request.user_id)

    async def request_guest_link(self, request: RequestGuestLinkRequest) -> Empty:
        await self.guests.ask(request.email, Visit(address=caller().address))
        return Empty()

    async def take_guest_data(self, request: TakeGuestDataRequest) -> File:
        return await self.guests.take(request.token)

    async def erase_guest_data(self, request: EraseGuestDataRequest) -> ErasureList:
        return ErasureList(items=await self.guests.erase(request.token))

    async def forget_guests(self, request: ForgetGuestsRequest) -> ErasureList:
        return ErasureList(items=await self.erasures.forget(request.checkout_ids))

    async def get_erasure(self, request: GetErasureRequest) -> Erasure:
        return await erasure_store.get_erasure(self.database, request.erasure_id)

    async def replay_erasures(self, request: ReplayErasuresRequest) -> ReplayedErasures:
        return ReplayedErasures(replayed=await self.erasures.replay())
