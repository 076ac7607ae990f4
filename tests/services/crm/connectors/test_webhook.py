"""The webhook protocol: signed, one id for one message, refused by the receiver."""

import pytest

from libs.contracts.reasons import RejectionReason
from libs.runtime.errors import Rejected, Retryable
from services.crm.connectors.base import Target
from services.crm.domain.remote import Change
from tests.services.crm.connectors.rig import Rig, far
from tests.services.crm.connectors.server import Said
from tests.services.crm.world import CONTACT


@pytest.fixture
def rig() -> Rig:
    return Rig(far("webhook"))


async def test_a_write_that_is_sent_again_has_the_same_id(rig: Rig) -> None:
    plan = rig.connector.plan([Change(CONTACT, "title", None, "CTO", 1, change_id="ch1")], None)
    await rig.connector.apply([plan], "effect-1")
    await rig.connector.apply([plan], "effect-1")
    first, second = rig.remote.server.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert len(rig.remote.ids()) == 1


async def test_a_wrong_secret_is_told_and_waits(rig: Rig) -> None:
    rig.connector.settings.secret = "whsec_d3Jvbmctc2VjcmV0LXdyb25nLXNlY3JldA=="  # type: ignore[union-attr]
    with pytest.raises(Retryable, match="takes nothing"):
        await rig.connector.read([Target(CONTACT)])


async def test_an_answer_that_is_none_is_refused(rig: Rig) -> None:
    rig.remote.server.faults.append(Said(200, ["no", "object"]))
    with pytest.raises(Rejected) as error:
        await rig.connector.read([Target(CONTACT)])
    assert error.value.reason is RejectionReason.INVALID


async def test_a_receiver_without_an_answer_for_a_record_is_asked_again(rig: Rig) -> None:
    await rig.machine(email="jane@acme.com", last_name="Doe")
    rig.remote.server.faults.append(Said(200, {"records": []}))
    rig.remote.server.faults.append(Said(200, {"owners": []}))
    rig.remote.server.faults.append(Said(200, {"results": []}))
    (put_off,) = await rig.run()
    assert isinstance(put_off, Retryable)
    await rig.run()
    assert len(rig.remote.ids()) == 1
