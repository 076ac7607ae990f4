"""Where leads come from: over the labelled corpus, and what is told when several things speak."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.identity.words import word_set
from services.enrich.connectors.campaign import Campaign
from services.enrich.domain.channel_tables import CLICK_IDS, HOSTS, MANY_SUFFIXES, MEDIA, SOURCES
from services.enrich.domain.channels import Told, channel_told
from tests.services.enrich.corpora import Row, is_tuned_on, rows, said, share_right

READ = ("utm_medium", "utm_source", "referrer", "page")
CHANNELS = word_set(
    """
    paid_search paid_social paid_other display organic_search organic_social ai_assistant review_site affiliate partner
    referral email sms event content direct
    """
)


def fields(row: Row) -> dict[str, str]:
    return {field: row[field] for field in READ if field in row}


@pytest.mark.parametrize("tuned_on", [True, False])
async def test_the_corpus_is_read_as_labelled(tuned_on: bool) -> None:
    half = [row for row in rows("channels") if is_tuned_on(row) == tuned_on]
    assert len(half) > 70
    assert await share_right(Campaign(), half, fields, ("channel",)) >= 0.97


@pytest.mark.parametrize(
    ("given", "channel", "where", "quote", "reason"),
    [
        (
            {"utm_medium": "email", "page": "https://s.example/?gclid=1", "referrer": "https://t.co/x"},
            "email", "lead.utm_medium", "email",
            "utm_medium email says email, though gclid (Google Ads) says paid_search and the referrer t.co says organic_social",
        ),
        (
            {"page": "https://s.example/?gclid=1", "referrer": "https://www.google.com/"},
            "paid_search", "lead.page", "gclid=1", "gclid (Google Ads) says paid_search",
        ),
        (
            {"utm_source": "google", "page": "https://s.example/?gclid=1"},
            "paid_search", "lead.page", "gclid=1", "gclid (Google Ads) of google says paid_search",
        ),
        (
            {"page": "https://s.example/?x=1&UTM_Medium=paid%20social"},
            "paid_social", "lead.page", "UTM_Medium=paid%20social", "UTM_Medium paid social says paid_social",
        ),
    ],
)  # fmt: skip
async def test_what_speaks_first_counts_and_the_reason_tells_the_rest(
    given: Mapping[str, str], channel: str, where: str, quote: str, reason: str
) -> None:
    finding = (await said(Campaign(), given))["channel"]
    assert (finding.value, finding.evidence[0].where, finding.evidence[0].quote) == (channel, where, quote)
    assert finding.reason == reason


async def test_a_page_of_the_same_site_is_no_origin() -> None:
    found = await said(Campaign(), {"referrer": "https://www.us.example/a", "page": "https://us.example/demo"})
    assert found["channel"].reason == "the visitor came from a page of the same site"


def test_the_tables_name_known_channels_only() -> None:
    named = {channel for channel, _, _ in CLICK_IDS.values()}
    for table in (HOSTS, MANY_SUFFIXES, MEDIA, SOURCES):
        named |= set(table.values())
    assert named <= CHANNELS


MEDIUM = st.sampled_from(["", "cpc", "email", "Paid Social", "organic", "referral", "q3", "(none)", "{{x}}"])
SOURCE = st.sampled_from(["", "google", "linkedin", "chatgpt.com", "g2", "blah"])
REFERRER = st.sampled_from(
    ["", "https://www.google.de/", "https://t.co/x", "https://blog.example/a", "direct", "https://[::1"]
)
CLICK = st.sampled_from(["", *CLICK_IDS])


@given(MEDIUM, SOURCE, REFERRER, CLICK, st.text(max_size=12))
def test_utm_goes_before_click_ids_and_they_before_the_referrer(
    medium: str, source: str, referrer: str, click: str, value: str
) -> None:
    page = f"https://s.example/?{click}=x{value}" if click else "https://s.example/"
    everything = channel_told({"utm_medium": medium, "utm_source": source, "referrer": referrer, "page": page})
    by_utm = channel_told({"utm_medium": medium, "utm_source": source, "page": page if source else ""})
    by_click = channel_told({"page": page})
    first = next((one for one in (by_utm, by_click) if isinstance(one, tuple)), channel_told({"referrer": referrer}))
    if isinstance(first, tuple):
        assert isinstance(everything, tuple)
        assert everything[0] == first[0]
        assert isinstance(everything[0], Told)
        assert everything[0].channel in CHANNELS
    else:
        assert isinstance(everything, str)
